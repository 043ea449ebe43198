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
        mailbox exceeds
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
        delivery error: dd (?:this user doesn.t|not a valid recipient)
        this user doesn.t have an? \S{1,80} account \(@\) \[(?:0|-5)\]
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
        no longer an employee
        user missing home directory
        unbekannt
        existiert nicht
        nicht (?:bekannt|gefunden|vorhanden)
        ungültige[rs]? (?:empfänger|e-?mail|mail|adress)
        kein(?:e|en)? (?:benutzer|empfänger|solche|postfach|mailbox|gültige)
        inconnu
        n.existe (?:pas|plus)
        introuvable
        n.a pas été trouvé
        (?:destinataire|adresse|utilisateur) (?:e-?mail )?(?:invalide|erroné|incorrect)
        aucun(?:e)? (?:utilisateur|compte|boîte|destinataire)
        desconocid
        no existe
        no (?:fue |ha sido |se ha )?encontrad
        (?:usuario|destinatario|direcci[oó]n|cuenta) (?:no v[aá]lid|inv[aá]lid|incorrect)
        sconosciut
        non (?:esiste|trovat)
        inesistente
        utente non
        nessun utente
        (?:destinatario|indirizzo) (?:errato|non valido)
        n[aã]o (?:existe|encontrad|foi encontrad|localizad)
        desconhecid
        inexistente
        (?:usu[aá]rio|destinat[aá]rio|conta|endere[cç]o) inv[aá]lid
        bestaat niet
        onbekend
        niet gevonden
        kan niet worden gevonden
        ongeldig(?:e)? (?:adres|ontvanger|e-?mail)
        nie istnieje
        nieznan
        nie znaleziono
        nie ma takiego
        brak (?:takiego )?(?:konta|użytkownika|adresata|skrzynki)
        neexistuj
        neznám
        nenalezen
        nem (?:létezik|található)
        ismeretlen
        (?:finns|hittades) inte
        okänd
        findes ikke
        finnes ikke
        ukendt
        ukjent
        ei (?:ole olemassa|löydy)
        tuntematon
        nu exist[aă]
        necunoscut
        bulunamad
        mevcut değil
        не (?:существует|найден|зарегистрирован|існує|знайдено)
        неизвестн
        невідом
        (?:нет|нету) такого
        такого (?:пользователя|адреса|ящика) нет
        用户不存在
        收件人不存在
        (?:无|無|没有|沒有)此
        查无
        无效的?(?:用户|收件人|邮箱|地址)
        존재하지
        찾을 수 없
        """,
    ),
    (
        "nobody",
        r"""
        (?<!sender )SOMEBODY\b(?:(?!\b(?:domain|host|mx|sender)\b)[^.;]){0,60}\bNOT_THERE
        @[ >:,"']{0,4}(?:is |does |was )?NOT_THERE
        \bNO\b.{0,25}\bSOMEBODY\b
        \b(?:no such|unknown) (?:name(?! server)|id|person|people|entry|contact)\b
        no (?:one|body|SOMEBODY)\b.{0,30}\b(?:here|found|matches|configured|defined|available|(?:by|with|of|at|on|in) (?:that|this|our|the))\b
        sorry,? no SOMEBODY
        CANNOT (?:find|locate|identify|recogni[sz]e|match|look up|resolve)\b(?!.{0,30}\b(?:your|ip|host|mx|domain|sender|from|record|key|dns)\b).{0,30}\bSOMEBODY\b
        user[a-z]*unknown
        unknown_?user
        no_?such_?user
        recip(?:ient)? ?notfound
        adr\.recip
        bad_?recipient
        bad ?rcpt(?:to)?
        validrcptto
        not our (?:customer|user)
        there is no one at
        bad destination mailbox
        not have an? .{0,40}account
        doesn.t have an? .{0,40}account
        this user doesn.t
        delivering to this address
        not known (?:at|here)
        is not a (?:user|member|mailbox)
        not a registered gateway
        typo in the address
        not (?:listed )?in .{0,30}directory
        in name directory
        (?<!domain )(?<!host )name not found
        no hay
        存在しません
        存在しない
        見つかりません
        登録されていません
        不明
        宛先が
        不存在
        找不到
        未找到
        查無
        없는
        없습니다
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
        unroute?able
        (?:cannot|can.t|unable to) route
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
        can ?not (?:open|create|append|write)
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


# The words that the patterns are made of, for "SOMEBODY is NOT_THERE", "there is NO such SOMEBODY", "I CANNOT find SOMEBODY".
_GRAMMAR = {
    "SOMEBODY": (
        "(?:user(?:s|[ -]?names?|[ -]?ids?)?|accounts?|recipients?|mail[ -]?box(?:es)?|address(?:es|ees?)?"
        "|e-?mails?(?: (?:address|account|id)(?:es|s)?)?|local[ -]?part|receiver|person|individual|login|alias(?:es)?|rcpt"
        "|subscriber|employee|mail ?drop|inbox)"
    ),
    "NOT_THERE": (
        "(?:unknown|invalid|unrecogni[sz]ed|undefined|missing|non-?exist\\w*|not? exists?\\b|not existing"
        "|(?:do|does|did|dose|dos)(?: not|n.?t| n.t) (?:exist|have an? (?:account|mailbox)|receive mail here)"
        "|(?:not|n.t|cannot) (?:be )?(?:currently )?(?:an? |to be )?(?:found|known|located|identified|matched|resolved"
        "|recogni[sz]ed|listed|registered|present|defined|configured|valid|existing|local|hosted|in (?:our|the|my)"
        "|on (?:this|our)|on file)\\b"
        "|no longer (?:exists?|active|valid|here|on|available|in use|accept|used|employed|works)"
        "|is closed|has been (?:closed|deleted|removed|terminated))"
    ),
    "NO": (
        "(?:unknown(?! (?:error|reason|problem|cause|code|failure))|no such|invalid(?! character)|illegal|non-?exist\\w*|not existing|unrecogni[sz]ed|no matching|undefined|bad destination"
        "|no valid|no known|(?:not|n.t) an? (?:valid|known|local|registered|existing)|unresolvable|wrong)"
    ),
    "CANNOT": "(?:unable to|failed to|could ?n.t|could not|can ?not|can.t|did ?n.t|did not)",
}


def _pattern(phrase: str) -> str:
    return re.sub(r"[A-Z]{2}[A-Z_]*", lambda word: _GRAMMAR.get(word[0], word[0]), phrase.strip())


_COMPILED = tuple(
    (name, re.compile("|".join(_pattern(line) for line in phrases.strip().split("\n")))) for name, phrases in _TOPICS
)
