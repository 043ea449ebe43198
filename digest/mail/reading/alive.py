"""What mail servers say when they refuse a letter for a reason that may pass, or for what we are or sent: one pattern a line,
looked for in lower-case text with single spaces. Those called SURELY can be said of nothing else."""

FULL = r"""
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
"""

# It may open again when somebody pays, logs in or comes back.
LOCKED = r"""
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
"""

LATER_SURELY = r"""
try (?:again|later)
at (?:the|this) moment
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
\bsh: \S{1,200}: (?:command )?not found
unknown mailer error
"""

LATER = r"""
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
"""

US_SURELY = r"""
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
SENDER.{0,15}(?:inconnu|unbekannt|desconocid|sconosciut|desconhecid|onbekend|nieznan|неизвестн|не найден|inv[aá]lid|ung(?:ü|ue)ltig|existiert|不存在|无效)
(?:unbekannter|ung(?:ü|ue)ltiger|onbekende|nieznany|неизвестный) SENDER
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
your (?:e-?mail )?address,? (?:@,? )?(?:is |was |could |has )?(?:not|isn.t|unknown|invalid|unrecogni[sz]ed)\b
unknown command
no recipient (?:address(?:es)?\b|names?\b|headers?\b)
recipient address that was incorrectly constructed
relaying
relay (?:access )?denied
relay mail
to relay
relay (?:not|is not)
list of allowed rcpthosts
banned send
access denied, banned
"""

US = r"""
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
"""

# It names two reasons and does not say which.
UNSURE = r"""
(?<!account or )domain may not exist
550:? : user unknown
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
"""
