"""What mail servers say when they refuse a letter, by topic, in the languages and dialects that they say it in."""

from __future__ import annotations

import re

# Each is looked for in lower-case text with single spaces. The first topic that is found wins, so the order is by how
# sure a phrase is: a phrase that names the mailbox stands before one that could be said of anything.
_TOPICS: tuple[tuple[str, str], ...] = (
    # Said of a mailbox, and yet not that it is dead.
    (
        "full",
        r"""
        over ?quota
        quota (?:is )?(?:exceed|full|limit)
        exceed(?:s|ed|ing)?.{0,40}(?:quota|storage|mailbox size|size limit of)
        mailbox (?:is |has been |size )?(?:.{0,60})?(?:is )?full
        mailbox full
        mail ?box.{0,40}(?:exceeded|over).{0,20}(?:limit|quota|size)
        full mailbox
        inbox (?:is )?full
        (?:not enough|insufficient|out of|no).{0,20}(?:storage|disk|space)
        disk ?(?:space|quota|full)
        no space left
        disc quota
        quota violation
        too much mail data
        account is full
        user is over
        storage (?:limit|allocation)
        mailfolder is full
        mailbox.{0,30}limit
        message would exceed
        would be over the allowed quota
        allocated message storage
        postfach (?:ist )?voll
        boîte .{0,40}pleine
        boite .{0,40}pleine
        quota de stockage
        buzón (?:está )?lleno
        casella .{0,30}piena
        переполнен
        容量(?:を超|オーバ)
        一杯
        邮箱(?:已)?满
        容量不足
        空间不足
        """,
    ),
    (
        "us",
        r"""
        (?:after|in reply to|response to|following) (?:the )?(?:mail from|mail command|ehlo|helo)
        my name was rejected
        verification failed for
        sender address(?!: @ recipient address:)
        address of sender
        of sender
        (?:envelope )?sender.{0,20}(?:does not exist|unknown|invalid|not found|must exist|verif|rejected|denied)
        (?:unknown|invalid|bad|illegal|no such|\bin) (?:envelope )?sender
        (?:sender|sending) (?:domain|host|server)
        sender.s domain
        (?:in|on) (?:your|the) from
        from (?:address|header|domain|unknown)
        your (?:domain|host|(?:mail ?)?server|(?:mail )?user ?name)\b.{0,10}\b(?:not|does ?n.t|does|is|isn.t|has|name|or password)\b
        (?:helo|ehlo) (?:command|name|argument)
        (?:invalid|bad|\bin) (?:helo|ehlo)
        client host
        reverse (?:dns|hostname)
        (?:no|bad|invalid) dns
        \bptr\b
        openspf
        (?:invalid|bad|missing) (?:dkim|message-id|header)
        authentication (?:failed|mechanism|required)
        your (?:e-?mail )?address\b.{0,60}\bnot subscribed
        unknown command
        relaying
        relay (?:access )?denied
        relay mail
        to relay
        relay (?:not|is not)
        list of allowed rcpthosts
        banned send
        access denied, banned
        """,
    ),
    (
        "later",
        r"""
        try again
        name service error.{0,80}again
        not accepting (?:connections|network|messages)
        not accept our requests
        name server reply
        couldn.t create
        can.t create
        cannot create
        connection (?:refused|timed out|reset|lost|dropped)
        timed out
        temporar(?:y|ily)
        """,
    ),
    # It names two reasons and does not say which.
    (
        "unsure",
        r"""
        550:? : user unknown
        domain may not exist
        recipient preferences
        google ?groups
        groups\.google
        groupe
        skupina
        グループ
        群組
        群组
        gruppe
        grupo
        gruppo
        grupp
        (?:unknown|desconocido|not exist).{0,20}\b(?:or|o|oder) (?:mailbox|buz[oó]n)? ?(?:full|lleno|voll)
        """,
    ),
    # It may open again when somebody pays, logs in or comes back.
    (
        "locked",
        r"""
        (?:account|mailbox|user|recipient|address|subscriber|e-?mail)\b.{0,50}\b(?:suspended|is locked|frozen|archived|temporarily|not active)
        (?:suspended|frozen|locked) (?:account|mailbox|user|recipient|address|customer)
        gesperrt
        冻结
        заблокирован
        (?:account|mailbox|user|recipient|address|subscriber|e-?mail)\b.{0,50}\b(?:disabled|deactivated|inactive|expired|terminated|discontinued|cancel+ed|blocked (?:for|due to) inactivity|dormant)
        (?:disabled|inactive|deactivated|expired|dormant|terminated) (?:account|mailbox|user|recipient|address|customer)
        deaktiviert
        停用
        отключен
        disattivat
        ha expirado
        """,
    ),
    # What only the keeper of the mailboxes says, in whole sentences: nobody says it for a filter.
    (
        "gone",
        r"""
        recipient name is not recogni[sz]ed
        000c05a6
        recipient address rejected: access denied.{0,80}\.outlook\.com
        5\.4\.1 recipient address rejected: access denied
        not listed in .{0,40}(?:directory|address book)
        couldn.t be delivered\. \S{1,64} wasn.t found at
        wasn.t found at the destination domain
        ディレクトリのリストにありません
        invalid final delivery userid
        (?<!550 )unknown user:
        host or domain name not found
        no .{0,20}recipients were found.{0,120}unknown host
        (?:ofr|lpn)\w{0,4}_41[68]
        check if (?:the )?address is correct
        address (?:could ?n.t|could not|cannot|can.t) be found
        this address no longer accepts mail
        no valid recipients for this
        delivery error: dd this user doesn.t
        mailbox unavailable \(-?\d+:
        local mailbox @? ?is unavailable: user not found
        requested mail action aborted, mailbox not found
        does not like recipient.{0,80}mailbox unavailable
        has been replaced by
        (?:user|account|recipient|mailbox|address|person|alias|addressee)\b[^.;]{0,60}\b(?:no longer (?:exists?|valid|here|employed|works)|has been (?:closed|deleted|removed))
        no longer (?:with|at|works|employed|working)
        (?:has|have) (?:left|moved)
        address (?:has )?changed
        dead account
        unbekannt
        existiert nicht
        nicht bekannt
        nicht gefunden
        kein(?:e|en)? (?:benutzer|empfänger|solche|postfach|mailbox)
        inconnu
        n.existe pas
        introuvable
        desconocid
        no existe
        no encontrad
        sconosciuto
        non esiste
        inesistente
        não existe
        nao existe
        desconhecido
        inexistente
        bestaat niet
        onbekend
        niet gevonden
        nie istnieje
        nieznan
        finns inte
        okänd
        findes ikke
        finnes ikke
        neexistuje
        nem létezik
        не существует
        не найден
        неизвестн
        用户不存在
        无此
        無此
        没有此
        존재하지
        utente non
        """,
    ),
    (
        "nobody",
        r"""
        (?:user|account|recipient|mailbox|address|addressee|e-?mail account|username|mail[ -]?box|local[ -]part|person|mail user|login|alias|rcpt|e-?mail address)\b[^.;]{0,60}\b(?:unknown|do(?:e?s)? ?n.t exist|does not exist|do not exist|not exist|do(?:es)? not have an? (?:account|mailbox)|not found|not known|could ?n.t be found|could not be found|cannot be found|can.t be found|was not found|were not found|isn.t known|not listed|not a known|no longer (?:exists?|active|valid|here|on|available|in use|accept|used|employed|works)|is not (?:a )?(?:valid|local|known|listed|registered|recogni[sz]ed|existing)|unrecogni[sz]ed|not present|is invalid|invalid user|not in (?:our|the|my)|is closed|has been (?:closed|deleted|removed|terminated)|does not receive mail here|not on (?:this|our) )
        \b(?:unknown|no such|invalid|nonexistent|non-existent|not existing|unrecogni[sz]ed|no matching|undefined|bad destination|no valid|not a valid|isn.t a valid|not a known|no known|not a local|nonexist|unresolvable)\b.{0,25}\b(?:user|users|recipient|recipients|mailbox|mail[ -]box|account|address|local[ -]part|person|e-?mail|alias|name(?! server)|login|addressee|rcpt|subscriber|member|name here|username|virtual user)\b
        no (?:mailbox|mail[ -]?box|account|user|one|such|recipient|person)\b.{0,30}\b(?:here|by that name|with that|of that name|found|by this name|at this address|available for|under)
        user[a-z]*unknown
        unknownuser
        no_such_user
        nosuchuser
        not our (?:customer|user)
        there is no one at
        recipient ?notfound
        adr\.recip
        user unknown
        bad_recipient
        badrcptto
        bad ?rcpt
        validrcptto
        recipient no longer on server
        bad destination mailbox
        address (?:does not|doesn.t) exist
        address invalid
        invalid address
        doesn.t have an? .{0,40}account
        not have an? .{0,40}account
        this user doesn.t
        delivering to this address
        the email account that you tried to reach does not exist
        not known (?:at|here)
        is not a (?:user|member|mailbox)
        in name directory
        not a registered gateway
        mailbox unknown
        mailbox not found
        user .{0,80} does not exist
        <[^>]{3,80}> does not exist
        <[^>]{3,80}>:? (?:is )?(?:unknown|not found|invalid)
        typo in the address
        not listed in .{0,30}directory
        not in .{0,30}directory
        no valid recipients
        (?<!domain )(?<!host )name not found
        couldn.t find any .{0,20}user
        no hay
        存在しません
        存在しない
        見つかりません
        不明
        宛先が
        不存在
        找不到
        없는
        """,
    ),
    (
        "nowhere",
        r"""
        (?:host|domain|server|name|site|mx|hostname|dns|domaine|domain name|mail server)\b.{0,30}\b(?:not found|unknown|does not exist|doesn.t exist|not exist|unrout[e]?able|nonexistent|non-existent|cannot be found|couldn.t be found|could not be found|nxdomain|no mail|does not accept mail|no such domain|not resolve)
        (?:unknown|no such|bad|invalid|nonexistent|illegal|unrout[e]?able|unrouteable|unresolvable|no valid) (?:host|domain|mail domain|mail host|hosts|server|system|mx)
        couldn.t find any host
        nxdomain
        no mx (?:or|and|record|host)
        null ?mx
        all relevant mx records point to non-existent
        name or service not known
        rcpt domain
        host name lookup failure.{0,20}not found
        unrouteable
        unroutable
        does not accept mail
        indicated no smtp service
        no mx found
        couldn.t find a mail exchanger
        domain is not reachable
        553 .{0,60} does not exist
        """,
    ),
    (
        "us",
        r"""
        \bspam\b
        spamhaus
        unsolicited
        junk mail
        \bbulk (?:mail|e-?mail)
        black ?list
        block ?list
        blocklist
        \bdnsbl
        \brbl\b
        sorbs
        spamcop
        barracuda.{0,20}reputation
        reputation
        blocked (?:by|using|due|for|because|because)
        is blocked
        has been blocked
        are blocked
        \bblocked\b.{0,40}(?:ip|host|server|sender|domain)
        (?:ip|host|server|sender|domain|message|mail|content|address).{0,30}\bblocked\b
        \bspf\b
        sender policy framework
        \bdkim\b
        \bdmarc\b
        unauthenticated
        not authenticated
        authentication (?:required|failed|check|result)
        domainkeys
        reverse dns
        \bptr\b
        rdns
        no reverse
        reverse (?:name|lookup|hostname|address)
        cannot find your (?:hostname|reverse)
        \bhelo\b
        \behlo\b
        relay(?:ing)? (?:access )?(?:denied|not|is not|prohibited|disallowed|operation)
        unable to relay
        not (?:permitted|allowed) to relay
        (?:mail )?relay(?:ing)? (?:not|to)
        we do not relay
        cannot relay
        sender (?:address )?(?:rejected|denied|not|domain|verify failed|is)
        sender (?:verification|callout)
        bad sender
        invalid sender
        return[- ]path
        (?:envelope )?from (?:address|domain)
        (?:in|your) mail from
        mail from .{0,60}(?:rejected|refused|denied)
        sender.s
        call-?(?:out|back)
        (?:unable to|cannot|can.t|could not) verify
        polic(?:y|ies)
        prohibited
        content (?:rejected|filter|reject|is not|violat)
        message (?:content|was|has been) (?:rejected|refused|block)
        message (?:rejected|refused)
        (?:mail|message|content|transaction) (?:was )?(?:rejected|refused|denied) (?:by|due|as|for|because)
        virus
        malware
        phish
        suspicious
        infected
        banned (?:file|content|name)
        attachment
        executable
        (?:message|mail|size|data).{0,25}(?:too (?:big|large|long)|exceeds.{0,30}(?:maximum|limit|max|fixed|size))
        maximum (?:message )?size
        size (?:limit|exceed)
        5\.3\.4
        rate limit
        too many (?:connections|messages|recipients|hops|errors|mails|e-?mails|emails)
        throttl
        receiving mail (?:too|at a rate)
        hop count
        mail loop
        \bloop(?:s|ing)?\b
        exceeded.{0,20}hops
        tls
        starttls
        encrypt
        certificate
        challenge
        not (?:rfc|compliant)
        rfc ?\d{3,4}
        syntax
        bare (?:lf|cr)
        \b8bit
        malformed
        header
        banned
        greylist
        graylist
        grey-list
        access (?:from|to).{0,40}(?:denied|rejected)
        client host
        ip address
        dynamic
        unsolicit
        complaint
        abus
        your (?:message|mail|email|server|host|ip).{0,40}(?:rejected|refused|not accepted|denied|block)
        not (?:authori[sz]ed|permitted|allowed) (?:to|from)
        only (?:accept|member|authori)
        restricted
        authenticated senders
        administrat(?:ive|ively|or) (?:prohibit|den|block|reject)
        delivery not authorized
        refused by
        back-?scatter
        too many (?:invalid|unknown|bad)
        harvest
        (?:does not|doesn.t|not) accept (?:e-?)?(?:mails?|messages?) from
        user has rejected
        subscriber of
        mailing list
        charset
        character set
        \burls?\b
        whitelist
        approved
        moderat
        垃圾
        スパム
        спам
        迷惑メール
        """,
    ),
    (
        "later",
        r"""
        time-?out
        connection (?:closed|failed|died|was)
        connect(?:ion)? (?:to|error)
        unreachable
        no route to host
        network
        try (?:again|later)
        later
        temporar
        deferred
        delayed
        expired
        retry
        not (?:yet )?respond
        no answer
        lost
        host not reachable
        queue
        too old
        too long
        unavailable at this time
        resources
        busy
        lock
        i/o error
        server (?:error|failure)
        cannot (?:open|create|append|write)
        give up
        giving up
        is down
        service (?:not available|unavailable)
        can.t create
        unable to (?:connect|contact)
        lookup fail
        mail server.{0,20}down
        local configuration error
        configuration
        """,
    ),
    (
        "refused",
        r"""
        mailbox (?:@ )?(?:is )?(?:currently )?(?:unavailable|inaccessible|disabled)
        requested action not taken
        (?:bad|invalid|illegal) (?:recipient|mailbox|address|rcpt)
        recipient (?:address )?(?:rejected|not accepted|denied|refused)
        recipient rejected
        address rejected
        rejected recipient
        recipient address
        user not
        account (?:is )?(?:unavailable|not available|closed)
        unavailable (?:mailbox|user|account)
        can.t accept user
        undeliverable address
        cannot deliver mail for
        address error
        addressee
        """,
    ),
)


def topic(text: str) -> str:
    """What the text is about: "gone", "nobody", "refused", "nowhere", "locked", "full", "later", "us", "unsure"; ""
    when it says nothing known."""
    for name, pattern in _COMPILED:
        if pattern.search(text):
            return name
    return ""


def speaks_of(text: str, topics: frozenset[str]) -> bool:
    """Whether the text is about one of these, whatever else it is about."""
    return any(pattern.search(text) for name, pattern in _COMPILED if name in topics)


_COMPILED = tuple(
    (name, re.compile("|".join(line.strip() for line in phrases.strip().split("\n")))) for name, phrases in _TOPICS
)
