"""What mail servers say of a mailbox or a domain that is not there, in the languages and dialects that they say it in: one
pattern a line, looked for in lower-case text with single spaces and "@" for each address."""

# What only the keeper of the mailboxes says, in whole sentences: nobody says it for a filter.
GONE = r"""
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
destination addresses were unknown
does not recogni[sz]e th(?:is|at|e) (?:e-?mail )?(?:address|user|recipient)\b(?!.{0,20}sender)
requested mail action aborted, mailbox not found
does not like recipient.{0,80}mailbox unavailable
has been replaced by
(?:user|account|recipient|mailbox|address|person|alias|addressee)\b[^.;]{0,60}\b(?:no longer (?:exists?|valid|here|employed|works)|has been (?:closed|deleted|removed))
no longer (?:with|at|works|employed|working|an employee)
(?:has|have) (?:left|moved)
address (?:has )?changed
dead account
user missing home directory
unbekannt
existiert (?:\w+ )?nicht
nicht (?:bekannt|gefunden|vorhanden)
ung(?:ü|ue)ltige[rs]? (?:empf|e-?mail|mail|adress)
(?:adresse|empf(?:ä|ae)nger|konto|postfach) .{0,30}(?:ung(?:ü|ue)ltig|gibt es nicht|nicht mehr g(?:ü|ue)ltig)
kein(?:e|en)? (?:benutzer|empfänger|solche|postfach|mailbox|gültige)
inconnu
n.existe (?:pas|plus)
inexistant
introuvable
n.a pas été trouvé
(?:destinataire|adresse|utilisateur) (?:e-?mail )?(?:invalide|erroné|incorrect)
aucun(?:e)? (?:utilisateur|compte|boîte|destinataire)
desconocid
no existe
no se (?:encuentra(?! (?:disponible|activ))|encontr[oó]|ha encontrado)
no (?:fue |ha sido |se ha )?encontrad
(?:usuario|destinatario|direcci[oó]n|cuenta) (?:no v[aá]lid|inv[aá]lid|incorrect)
sconosciut
non (?:esiste|trovat|registrat|è presente)
inesistente
utente non
nessun utente
(?:destinatario|indirizzo) (?:errato|non valido)
n[aã]o (?:existe|encontrad|foi encontrad|localizad|cadastrad)
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
existerar inte
findes ikke
finnes ikke
ukendt
ukjent
ei (?:ole olemassa|löydy)
tuntematon
nu exist[aă]
necunoscut
ne (?:postoji|obstaja)
bulunamad
bulunmamaktad
mevcut değil
tidak (?:ditemukan|dikenal|terdaftar)
không tồn tại
δεν υπάρχει
ne(?:eksistē|egzistuoja|rastas)
не (?:существует|найден|зарегистрирован|існує|знайдено)
неизвестн
(?:ящик|адрес|пользователь) .{0,20}(?:удал[её]н|отсутствует)
недействительн
не съществува
невідом
(?:нет|нету) такого
такого (?:пользователя|адреса|ящика) нет
(?:用户|用戶|收件人|邮箱|郵箱|信箱|帐号|账号|账户|地址)不存在
(?:没有|沒有)(?:这个|該|该|这)(?:用户|邮箱|收件人|帐号|账号)
收件人?地址(?:不正确|错误|有误)
(?:无|無|没有|沒有)此
查无
无效的?(?:用户|收件人|邮箱|地址)
존재하지
찾을 수 없
"""

# What anybody may say, a filter too. In capitals, the words of the grammar below.
NOBODY = r"""
(?<!sender )SOMEBODY\b(?:(?!\b(?:domain|host|mx|sender|server)\b)(?:[^.;]|\.(?! ))){0,60}\bNOT_THERE
@[ >:,"']{0,4}(?:is |does |was )?NOT_THERE
\bNO\b(?:(?!\b(?:in|from|of|for|on|by|your|sender)\b).){0,25}\bSOMEBODY\b
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
(?:has|have) no (?:mail ?box|account|inbox|e-?mail)
not (?:one of )?our (?:customer|user|member)
no(?: ?one|body)\b.{0,20}\b(?:here|at @|by that name|of that name)
no (?:such )?(?:ldap )?(?:entry|object)\b
bad destination mailbox
(?:not|n.t) have an? .{0,40}account
this user doesn.t
delivering to this address
not known (?:at|here)
(?<!you are )(?<!you.re )(?:not|n.t) an? (?:current |registered )?(?:user|member|mailbox|customer)
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
"""

NOWHERE = r"""
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
account or domain may not exist
553 .{0,60} does not exist
"""

# It says no and not why; what goes before all these weighs more.
REFUSED = r"""
mailbox (?:@ )?(?:is )?(?:currently )?(?:unavailable|inaccessible|disabled)
requested action not taken
(?:bad|invalid|illegal) (?:recipient|mailbox|address|rcpt)
recipient (?:address )?(?:rejected|not accepted|denied|refused)
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
"""

# The words that the patterns are made of, for "SOMEBODY is NOT_THERE", "there is NO such SOMEBODY", "I CANNOT
# find SOMEBODY"; and the SENDER in the languages in which he may be unknown, too.
GRAMMAR = {
    "SOMEBODY": (
        "(?:user(?:s|[ -]?names?|[ -]?ids?)?|accounts?|recipients?|mail[ -]?box(?:es)?|address(?:es|ees?)?"
        "|e-?mails?(?: (?:address|account|id)(?:es|s)?)?|local[ -]?part|receiver|person|individual|login|alias(?:es)?|rcpt"
        "|subscriber|employee|mail ?drop|inbox)"
    ),
    "NOT_THERE": (
        "(?:unknown|invalid|unrecogni[sz]ed|undefined|missing|non-?exist\\w*|not? exists?\\b|not existing"
        "|(?:do|does|did|dose|dos)(?: not|n.?t| n.t) (?:exist|have an? (?:account|mailbox)|receive mail here)"
        "|(?:not|n.t|cannot) (?:be )?(?:currently )?(?:an? |to be )?(?:found|known|located|identified|matched|resolved"
        "|recogni[sz]ed|listed|registered|present|defined|configured|valid|existing|local|hosted|in use|in (?:our|the|my)"
        "|on (?:this|our)|on file)\\b"
        "|no longer (?:exists?|active|valid|here|on|available|in use|accept|used|employed|works)"
        "|is (?:closed|incorrect|obsolete)|(?:has been|was) (?:closed|deleted|removed|terminated|retired|withdrawn))"
    ),
    "NO": (
        "(?:unknown(?! (?:error|reason|problem|cause|code|failure))|no such|invalid(?! character)|illegal|non-?exist\\w*|not existing|unrecogni[sz]ed|no matching|undefined|bad destination"
        "|no valid|no known|(?:not|n.t) an? (?:valid|known|local|registered|existing)|unresolvable|wrong)"
    ),
    "SENDER": "(?:exp[ée]diteur|absender|remitente|mittente|remetente|afzender|nadawc|отправител|发件人|發件人)",
    "CANNOT": "(?:unable to|failed to|could ?n.t|could not|can ?not|can.t|did ?n.t|did not)",
}
