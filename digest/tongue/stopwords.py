"""The small words of twenty languages: they carry no topic, and they betray the language. Data only, our own lists."""

from __future__ import annotations

_LISTS = {
    "en": """a about above after again against all also am an and any are as at be because been before being below between
        both but by can could did do does doing don't down during each even ever every few for from further get go got had
        has have having he her here hers him his how however i i'd i'll i'm i've if in into is isn't it it's its itself just
        let like ll made make many may me might more most much must my myself never no nor not now of off on once one only
        or other our ours out over own per rather re really same she should since so some still such than that that's the
        their theirs them themselves then there these they they're this those though through to too two under until up upon
        us ve very was wasn't we well were what when where which while who whom why will with without would yet you you're
        your yours yourself""",
    "de": """aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bin bis bist da dabei damit
        dann das dass dein dem den denn der des dich die dies diese diesem diesen dieser dieses dir doch dort du durch ein eine
        einem einen einer eines er es etwas euch euer für gegen habe haben hat hatte hatten hier hin ich ihm ihn ihnen ihr
        ihre ihren im immer in ins ist ja jede jeden jeder jedes jetzt kann kein keine keinen können könnte machen man mehr mein
        meine meinen mich mir mit muss müssen nach nicht nichts noch nun nur ob oder ohne schon sehr sein seine seit sich sie
        sind so solche soll sondern sonst über um und uns unser unsere unter viel vom von vor war waren warum was weil welche
        wenn wer werde werden wie wieder will wir wird wo wurde wurden zu zum zur zwar zwischen""",
    "fr": """a ai au aucun aussi autre autres aux avait avant avec avoir c'est ça car ce cela ces cet cette ceux chaque chez comme
        comment d'un d'une dans de depuis des deux donc dont du elle elles en encore entre est et étaient était été être eu eux
        fait faire faut il ils j'ai je jusque l'on la là le les leur leurs lui ma mais me même mes moi moins mon n'est ne ni non
        nos notre nous on ont ou où par parce pas peu peut plus pour pourquoi qu'il qu'on quand que quel quelle quelque qui quoi
        sa sans se sera ses si son sont sous sur ta te tes toi ton tous tout toute toutes très trop tu un une va vers voici
        vos votre vous y""",
    "es": """a al algo algunos ante antes aquí así aun aunque cada casi como con contra cual cuando cómo de del desde después donde
        dos el él ella ellas ellos en entre era eran eres es esa ese eso esta está están estas este esto estos fue fueron
        gracias ha había hace hacer hacia han hasta hay he la las le les lo los más me mi mis mientras mucho muchos muy nada ni
        no nos nosotros nuestra nuestro o os otra otro otros para pero poco por porque puede pueden pues que qué quien se sea
        ser si sí sido siempre sin sobre solo son soy su sus también tan tanto te tenemos tener tengo ti tiene tienen todo
        todos tu tus un una uno unos usted va vez y ya yo""",
    "it": """a ad agli ai al alla alle allo altri altro anche ancora avere aveva c'è che chi ci ciò come con contro cosa così cui da
        dagli dai dal dalla dalle degli dei del dell della delle dello di dopo dove due e è ed era erano essere fa fare fatto fino
        fra già gli ha hai hanno ho i il in io l la le lei li lo loro lui ma me mentre mi mia mie miei mio molto ne negli nei nel
        nella nelle noi non nostra nostro o ogni oppure per perché però più poi può qualche quale quando quanto quella quelle
        quelli quello questa queste questi questo qui se sei sempre senza si sia siamo sono sta stato su sua sue sugli sui sul
        sulla suo suoi te ti tra tu tutta tutte tutti tutto un una uno vi voi""",
    "pt": """a à ainda além alguém algum ao aos apenas aquele aqui as às assim até cada com como da das de dela dele depois desde
        deve dias do dois dos e é ela elas ele eles em enquanto entre era essa esse esses esta está estão estar estava este estes eu
        faz fazer foi foram gente há isso isto já lhe mais mas me mesmo meu meus minha minhas muita muito muitos na nada não nas
        nem no nós nos nossa nosso num numa o os ou outra outro para pela pelas pelo pelos pode podem por porque pouco pra qual
        quando que quem se seja sem sempre ser será seu seus só sobre sou sua suas também te tem têm tenho ter teu tinha toda
        todas todo todos tudo um uma vai você vocês""",
    "nl": """aan achter al alle alleen alles als altijd andere ben bent bij daar dan dat de deze die dit doen door dus een eens elke
        en er even geen geweest haar had hadden hebben heb hebt heeft heel hem hen het hier hij hoe hun iets ik in is ja je jij jou
        jouw jullie kan kon kunnen maar me meer men met mij mijn moet moeten na naar nee niet niets nog nou nu of om omdat onder
        ons onze ook op over pas per sinds steeds te tegen terwijl tot tussen u uit uw van vanaf veel voor waar waarom wanneer
        waren was wat we wel welke werd werden wie wij wil wordt worden zal ze zeer zei zelf zich zij zijn zo zoals zonder
        zou zouden""",
    "sv": """all alla allt andra att av bara bli blir blev då dag de dem den denna deras dess det detta dig din dina ditt du där efter
        eftersom ej eller en er ert ett från för före får fått gör göra ha hade han hans har hela hon honom hur här i icke in inga
        ingen inget inte ju kan kanske kom kommer kunde man många med mellan men mer mig min mina mitt mot mycket måste ni nu när
        någon något några när och också om oss på samma sedan sig sin sina sitt ska skulle som så sådan till under upp ut utan vad
        var vara varför varit varje vart vem vi vid vill vilka vilken är åt än över""",
    "da": """ad af alle allerede alt altid anden andet andre at bare begge blev blive bliver da de dem den denne der deres det dette
        dig din dine disse dit dog du efter eller en end er et få før får for fordi fra gør gøre ham han hans har have havde hende
        her hos hun hvad hver hvis hvor hvordan hvorfor i igen ikke ind ingen intet jeg jer jo kan kom kommer kun kunne lige lidt man
        mange med meget mellem men mens mere mig min mine mit mod må når nej noget nogen nogle nok nu når og også om op os over på
        selv sig sin sine sit skal skulle som så sådan tid til ud uden under var ved vi vil ville vores være været""",
    "no": """alle allerede alt alltid andre at av bare begge ble bli blir da de dem den denne der deres det dette din disse dit ditt du
        eller en enn er et ett etter få får for fordi fra før gjør gjøre ha hadde ham han hans har hele henne her hos hun hva hver hvis
        hvor hvordan hvorfor i igjen ikke ingen inn jeg kan kom kommer kun kunne litt mange man med meg mellom men mens mer meget min
        mine mitt mot mye må nei noe noen nok nå når og også om opp oss over på seg selv sin sine sitt skal skulle slik som så til
        under ut uten var ved vi vil ville vår våre være vært""",
    "pl": """aby ale albo ani bardzo bez bo być był była było były będzie będą chce ci co coś czy czyli dla do dlaczego dlatego gdy gdzie
        go i ich ile im inne ja jak jako je jego jej jest jestem jeszcze jeśli już każdy kiedy kto która które którego której który
        których którzy lub ma mają mam mi mnie może można mój my na nad nam nas nasz nawet nic nich nie niego niej nim niż no o od
        on ona one oni oraz po pod ponieważ poza przed przede przez przy raz się są sobie swoje ta tak także tam te tego tej ten też
        to tu tutaj tych tylko tym u w wam was we więc wiele wszystkie wszystko z za że ze""",
    "ru": """а без более бы был была были было быть в вам вас ваш во вот все всё всего всех вы где да даже для до его ее её ей если
        есть еще ещё же за здесь и из или им их к как какой когда кто ли либо лишь между меня мне много может можно мой мы на над надо
        нам нас наш не него нее нет ни них но ну о об однако он она они оно от очень по под после потом потому почему почти при про
        раз с сам свой свои себя сейчас со так также такой там тебя тем теперь то того тоже только том тот ты у уже хотя чего чем
        через что чтобы чуть эта эти это этого этой этом этот я""",
    "uk": """а або адже але б без був була були було бути в вам вас ваш вже ви від він вона вони воно все всі де для до дуже є ж за зі
        знову з і із її їм їх його й коли ким крім лише мене мені між мій може можна ми на навіть над нам нас наш не нема немає ні
        ніж но о об один однак от по під після поки потім при про раз та так також там те теж ти тим то тобі того той тому тут у
        усе усі хоча хто це цього цей ця цю ці чи чим чому через що щоб ще я як яка яке який які якщо""",
    "ar": """أن إن أو أي أنا أنت أنه أنها إلى إذا إلا الآن التي الذي الذين اللي ان او الى بعد بعض بل بين به بها تلك تم ثم جدا حتى حول حيث
        خلال دون ذلك سوف عام عن عند عندما على عليه عليها غير في فيه فيها قال قبل قد كان كانت كل كما كيف لا لأن لقد لكن لم لماذا لن
        له لها لهم ليس ما ماذا مثل مع من منذ منه منها نحن نعم هذا هذه هل هم هنا هناك هو هي و وقد ولا ولكن وهو وهي يا يكون يمكن""",
    "he": """אבל או אולי אותה אותו אותי אותם אז אחר אחרי אחת אי איך אין אל אלא אלה אם אנחנו אני אף אפשר אפילו אצל אשר את אתה אתם בגלל בו
        בין בלי בכל במה גם דרך הוא היא היה היו היום היתה הם הן הנה הרבה זאת זה זו חייב יותר יכול יש כאן כבר כדי כך כי כל כלום כמה
        כמו כן לא לאן להיות להם לו לי לכם לכן לפני לה מאוד מאד מה מי מתי מן ממש מפני נגד עד עוד על עם עכשיו פה פחות צריך
        רק של שלא שלהם שלו שלי שלך שלנו שם תמיד""",
    "fa": """آن آنها آنچه از است اش اگر اما او این اینجا ای با باید بدون بر برای بعد بود بودم بودن بودند به بی بین بیشتر تا تر توسط چرا
        چند چه چون چیزی خواهد خود خودم خیلی داد دارد دارم دارند داشت داشتن در دیگر را روی زیر سپس شد شدن شده شما شود
        فقط کرد کردم کردن کرده کند کنم کنند که کنید ما مثل من می نمی نیز نیست هر هم همه همین هنوز هیچ و ولی وقتی یا یک یکی""",
    "tr": """acaba ama ancak artık aslında ayrıca az bana başka bazı belki ben beni benim bile bir biraz birçok biri birkaç biz bize
        bizim böyle bu buna bunlar bunu bunun burada çok çünkü da daha de değil diğer diye dolayı dört en fakat gibi göre hala hangi
        hatta hem henüz hep hepsi her hiç için ile ilgili ise işte kadar karşı kendi ki kim mi mı mu mü nasıl ne neden nerede niye o
        olan olarak oldu olduğu olduğunu olmak olsa olur on ona onlar onu onun oysa öyle pek rağmen sadece sanki sen siz sonra
        şey şimdi şu tüm üzere var ve veya ya yani yerine yine yok zaten""",
    "ja": """あの あれ いる いた か が から こと この これ ここ さん し する した して しか そう その それ そして ため たち たら だ だけ って
        つ て で です でも と という とき ところ な など なら に の ので のに は へ ほど また まで ます ました ません ない も もの もう や よ
        よう より られ れ を""",
    "zh": """的 了 在 是 我 有 和 就 不 人 都 一 一个 上 也 很 到 说 要 去 你 会 着 没有 看 好 自己 这 那 他 她 它 们 我们 你们 他们 这个
        那个 什么 怎么 因为 所以 但是 如果 可以 还是 就是 而 与 及 被 把 让 对 从 為 這 個 們 沒有 說 會""",
    "ko": """그 그것 그냥 그런 그리고 그래서 그러나 그럼 나 나는 내 내가 너 너무 다 더 더욱 또 또는 또한 및 모든 무엇 수 아주 안 어떤 어떻게
        왜 우리 우리는 의 이 이것 이런 이제 있는 있다 있습니다 잘 저 저는 정말 제 제가 좀 지금 하는 하지만 한 할 합니다 했다 것 것은
        것이 것을 때 때문에 등""",
    "hi": """अगर अपना अपनी अपने अब अभी आप आपको इस इसका इसके इसलिए इसे उन उनके उस उसके उसे एक ऐसे और कई कब कर करता करते करना करने कहा का
        काफी कि किया किसी की कुछ के को कोई कौन क्या क्यों गया गई गए जब जहां जा जाता जी जैसे जो तक तब तो था थी थे दिया दो नहीं ना ने
        पर फिर बस बहुत भी मगर में मेरा मेरी मेरे मैं मैंने मुझे या ये यह यही रहा रही रहे लिए लेकिन वह वाले वे वो सकता सब से हम
        हमारे हमें ही हुआ हुई हूं हूँ है हैं हो होता होती होते होना""",
}

STOP_WORDS = {lang: frozenset(words.split()) for lang, words in _LISTS.items()}
