"""The words for what a mail may ask, in the languages that readers write in. Words only; how they combine is `commands`."""

from __future__ import annotations

from digest.text import word_set

# A line is a command when nothing but one of these is left of it once the small words below are gone.
# Without accents and in lower case; "-" and " " are the same.
COMMANDS: dict[str, str] = {
    "subscribe": (
        "subscribe|sign up|signup|sign on|join|register|abonnieren|anmelden|anmeldung|bestellen|s'abonner|abonner|abonnement|"
        "abonnez|inscription|inscrire|m'inscrire|je m'abonne|suscribir|suscribirme|suscribirse|suscripcion|alta|inscribirme|"
        "iscrivere|iscrivi|iscrivimi|iscrizione|iscrivermi|inscrever|inscrevo|assinar|inscricao|aanmelden|abonneren|inschrijven|"
        "subskrybuj|zapisz|zapisz sie|subskrypcja|prenumerera|anmal|tilmeld|tilmelding|abonner pa|meld pa|tilaa|liity|"
        "odebirat|prihlasit|feliratkozas|feliratkozom|abonare|abone ol|podpisatsya|подписаться|подписка|підписатися|"
        "購読|登録|購読登録|登録希望|配信希望|订阅|訂閱|구독|구독 신청"
    ),
    "unsubscribe": (
        "unsubscribe|unsubscribed|unsubscrive|unsubcribe|unsuscribe|unsub|un subscribe|stop|leave|remove|opt out|optout|sign off|"
        "signoff|quit|cancel|cancel subscription|take off|end subscription|abmelden|abmeldung|abbestellen|austragen|kundigen|"
        "kundigung|stopp|abo beenden|desabonner|se desabonner|desabonnement|desinscription|desinscrire|me desinscrire|"
        "me desabonner|resilier|arret|arreter|desinscrivez|desabonnez|darme de baja|dar de baja|baja|cancelar|"
        "cancelar suscripcion|desuscribir|desuscribirme|anular suscripcion|annulla|annulla iscrizione|disiscrivere|disiscrivimi|"
        "cancellami|cancellazione|cancella iscrizione|disiscrizione|rimuovi|cancelar inscricao|cancelar assinatura|"
        "descadastrar|remover|sair|cancelar subscricao|afmelden|uitschrijven|opzeggen|wypisz|wypisz sie|rezygnuje|rezygnacja|"
        "anuluj subskrypcje|wypisac|usun|avprenumerera|avsluta|avregistrera|avanmal|afmeld|frameld|afmelding|meld av|avmeld|"
        "peruuta|peruuta tilaus|lopeta|odhlasit|zrusit|leiratkozas|leiratkozom|dezabonare|abonelikten cik|отписаться|"
        "отписка|отпишите|відписатися|解除|配信停止|退会|購読解除|登録解除|配信解除|停止|退订|取消订阅|退訂|取消訂閱|구독 취소|구독 해지|수신거부|해지"
    ),
    "confirm": (
        "confirm|confirmed|confirmation|yes|yes confirm|i confirm|ok|okay|sure|bestatigen|bestatige|bestatigt|ja|confirmer|"
        "je confirme|confirme|oui|confirmar|confirmo|si|conferma|confermo|bevestig|bevestigen|potwierdzam|potwierdz|tak|"
        "bekrafta|bekraeft|bekreft|vahvista|potvrdit|potvrzuji|megerositem|confirm abonarea|подтверждаю|да|так|"
        "確認|承認|はい|确认|確定|是|확인|네"
    ),
    "pause": (
        "pause|pausieren|pausiere|suspend|hold|urlaub|suspendre|suspender|pausa|pausar|sospendi|sospendere|pauzeren|pauze|pauzeer|"
        "wstrzymaj|pauza|zawies|pausa prenumeration|tauko|keskeyta|pozastavit|szunet|пауза|приостановить|一時停止|休止|暂停|暫停|일시정지|일시 중지"
    ),
    "resume": (
        "resume|continue|restart|unpause|fortsetzen|weiter|reprendre|reprise|reanudar|continuar|riprendi|riprendere|retomar|"
        "hervatten|hervat|wznow|ateruppta|fortsatt|genoptag|gjenoppta|jatka|obnovit|folytatas|возобновить|再開|恢复|恢復|재개"
    ),
    "full": (
        "full|complete|whole|voll|vollstandig|ganz|complet|entier|completo|entero|intero|integrale|volledig|pelny|pelna|"
        "hela|fullstandig|fuld|fullstendig|kokonaan|koko|plny|teljes|полный|полностью|全文|完整|전체"
    ),
    "summary": (
        "summary|short|brief|kurz|kurzfassung|zusammenfassung|resume court|resume bref|sommaire|court|resumen|corto|breve|"
        "riassunto|sintesi|resumo|curto|samenvatting|kort|streszczenie|skrot|sammanfattning|resume kort|sammendrag|"
        "tiivistelma|lyhyt|souhrn|osszefoglalo|кратко|резюме|要約|要旨|摘要|요약"
    ),
    "text": (
        "text|plain|plain text|text only|nur text|reiner text|texte|texte brut|texto|solo texto|texto plano|testo|solo testo|"
        "texto simples|tekst|platte tekst|tylko tekst|bara text|ren text|ren tekst|pelkka teksti|teksti|jen text|szoveg|текст|"
        "テキスト|テキスト版|纯文本|純文字|텍스트"
    ),
    "latest": (
        "latest|last|latest issue|last issue|newest|current|current issue|get latest|letzte ausgabe|neueste ausgabe|aktuelle ausgabe|"
        "neueste|dernier|dernier numero|derniere|ultimo|ultimo numero|ultima edicion|ultima|ultima edicao|ultimo numero|"
        "laatste|laatste nummer|laatste editie|ostatni|ostatni numer|ostatnie wydanie|senaste|senaste numret|seneste|siste|"
        "uusin|viimeisin|posledni|legutobbi|последний|последний выпуск|最新|最新号|最新一期|최신호"
    ),
    "get": (
        "get|issue|send|number|nr|ausgabe|nummer|hole|schick|numero|envoyer|obtenir|edicion|obtener|enviar|invia|edicao|numer|"
        "wydanie|hamta|utgava|hent|udgave|utgave|hae|numeron|cislo|szam|выпуск|номер|号|第|期|호"
    ),
    "why": (
        "why|how come|where from|warum|wieso|weshalb|woher|pourquoi|por que|porque|perche|waarom|dlaczego|varfor|hvorfor|miksi|"
        "proc|miert|почему|なぜ|どうして|理由|为什么|為什麼|왜"
    ),
    "export": (
        "export|my data|data|copy of my data|export my data|datenauskunft|auskunft|meine daten|daten|mes donnees|donnees|exporter|"
        "exportar|mis datos|datos|esporta|i miei dati|dati|meus dados|dados|exporteren|mijn gegevens|gegevens|eksport|"
        "moje dane|dane|exportera|mina uppgifter|eksporter|mine data|vie tiedot|omat tiedot|экспорт|мои данные|"
        "データ|個人情報|导出|我的数据|匯出|내보내기|내 데이터"
    ),
    "erase": (
        "erase|forget|forget me|delete|delete me|delete data|delete my data|erase my data|loschen|losche|daten loschen|"
        "meine daten loschen|vergiss|effacer|oublier|supprimer|supprimer donnees|supprimer mes donnees|borrar|olvidar|"
        "borrar mis datos|eliminar|cancella dati|cancella i miei dati|elimina|dimenticami|apagar|apagar meus dados|esquecer|"
        "wissen|verwijderen|verwijder|vergeet|usun dane|usun moje dane|zapomnij|radera|glom|slet|slett|glem|poista|"
        "poista tiedot|unohda|vymazat|torles|удалить|забыть|удалить данные|削除|データ削除|删除|刪除|삭제"
    ),
    "help": (
        "help|info|commands|usage|hilfe|aide|ayuda|aiuto|ajuda|hulp|pomoc|hjalp|hjaelp|hjelp|apua|ohje|pomoc|segitseg|ajutor|"
        "yardim|помощь|справка|допомога|ヘルプ|助けて|使い方|帮助|幫助|도움말"
    ),
    "unroll": "unroll|nominate|thread|suggest|vorschlag|vorschlagen|proposer|proponer|propor|voorstel|propozycja|forslag|推薦|提案|推荐",
    "follow": "follow|folge|folgen|suivre|seguir|segui|volg|obserwuj|folj|folg|seuraa|フォロー|关注|팔로우",
    "unfollow": "unfollow|entfolgen|ne plus suivre|dejar de seguir|non seguire|ontvolg|przestan obserwowac|フォロー解除|取消关注|언팔로우",
    "rejoin": "undo|rejoin|back|ruckgangig|annuler|deshacer|annullare|desfazer|ongedaan|cofnij|angra|fortryd|angre|元に戻す|撤销",
    "skip": "skip|uberspringen|auslassen|sauter|saltar|salta|pular|overslaan|pomin|hoppa over|spring over|見送り|跳过",
    "next": "next|other|another|nachster|andere|suivant|siguiente|prossimo|proximo|volgende|nastepny|nasta|naeste|次|下一个",
    "pin": "pin|anheften|take|nimm",
}

# Said out of politeness, or because people speak in sentences: left out before a line is compared.
SMALL = word_set(
    "a an and the this that my me i im id we us you your to from for of on in at it be is am are do does did get getting "
    "want wants wanted would like wish can could may might will shall just now asap immediately today again all any more "
    "please pls plz kindly thanks thank thx ty hi hello hey dear sir madam newsletter newsletters digest mail mails email "
    "emails e-mail list mailing mailinglist letter letters subscription address command "
    "bitte danke hallo guten tag mich mir ich will mochte wollte gern gerne vom von der die das den dem diesen diese dieser "
    "fur zum zur aus liste verteiler jetzt sofort herzlichen freundlichen grussen mit "
    "s il m l d j qu vous te plait svp stp merci bonjour je j' veux voudrais souhaite de du des la le les l' un une cette ce moi me mon ma a "
    "por favor gracias hola quiero quisiera deseo del el los las esta este lista boletin correo mi yo "
    "per piacere grazie ciao vorrei voglio dalla della questa lista mia mio "
    "obrigado obrigada ola quero gostaria da do dos das esta desta meu minha "
    "alstublieft alsjeblieft aub svp bedankt dank graag ik wil mij me van deze lijst nieuwsbrief "
    "prosze dziekuje dzieki chce chcialbym mnie z tej listy newslettera mi "
    "tack snalla vanligen jag vill mig fran denna listan nyhetsbrev takk tak venligst vennligst jeg vil fra "
    "kiitos haluan minut prosim dekuji chci koszonom kerem "
    "пожалуйста спасибо меня я хочу от из рассылки рассылку "
    "お願いします お願い致します お願いいたします ください して を の に です ます 请 請 谢谢 謝謝 我 要 想 부탁합니다 부탁드립니다 해주세요"
)

WEEKS = word_set(
    "w wk wks week weeks woche wochen semaine semaines semana semanas settimana settimane week weken tydzien tygodnie tygodni "
    "tygodnia vecka veckor uge uger uke uker viikko viikkoa tyden tydny tydnu het неделя недели недель недель 週間 週 周 주"
)

DAYS = word_set(
    "d day days tag tage tagen jour jours dia dias giorno giorni dag dagen dagar dage dager dzien dni paiva paivaa den день дня дней 日 日間 天 일"
)
MONTHS = word_set(
    "m month months monat monate monaten mois mes meses mese mesi maand maanden miesiac miesiace miesiecy manad manader "
    "maned maneder kuukausi kuukautta mesic mesice honap месяц месяца месяцев か月 ヶ月 个月 個月 개월"
)

NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            "one a an ein eine einen un une uno una um uma een jeden ett en et yksi один",
            "two zwei deux dos due dois duas twee dwa två tva to kaksi два",
            "three drei trois tres tre drie trzy kolme три",
            "four vier quatre cuatro quattro quatro cztery fyra fire nelja четыре",
            "five fünf funf cinq cinco cinque vijf piec fem viisi пять",
            "six sechs seis sei zes szesc sex seks kuusi шесть",
            "seven sieben sept siete sette sete zeven siedem sju syv seitseman семь",
            "eight acht huit ocho otto oito osiem atta otte atte kahdeksan восемь",
        ),
        start=1,
    )
    for word in words.split()
}
# In a reply to "is it you?", these say that it was not.
REFUSALS = word_set(
    "no not never nope wrong mistake didn't didnt don't dont spam nein nicht kein keine nie non pas jamais erreur no nunca "
    "error errore mai não nao nunca nee niet geen nooit nie nigdy nej inte aldrig ikke nei aldri ei en ne нет не "
    "いいえ 違います 不 不是 没有 아니요 아니오 stop unsubscribe remove who"
)
