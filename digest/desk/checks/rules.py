"""Every rule that a mail is held to: its name, how much hangs on it, and why. docs/checks.md is made from this table."""

from __future__ import annotations

from typing import Literal, NamedTuple

from digest.model import Finding


class Rule(NamedTuple):
    """An error breaks the reading or the law and stands in the way of a send; a warning costs readers or trust; a note
    is worth knowing. `fix` is what helps where the finding itself knows nothing better."""

    name: str
    level: Literal["error", "warning", "note"]
    what: str
    why: str
    fix: str = ""


_SPAM = "Readers and spam filters know this from mail that nobody asked for."
_TEMPLATE = "Look for it in the template or in the text."

RULES: tuple[Rule, ...] = (
    # the inbox line
    Rule("subject", "error", "There is no subject.", "Readers go by it, and filters distrust a mail without one.", "Give the thread a title."),
    Rule("subject-long", "warning", "The subject is longer than 78 characters.", "Phones show about 40 of them, a desk about 70.", "Set a shorter subject."),
    Rule("subject-capitals", "warning", "The subject is all in capitals.", "Spam filters count it."),
    Rule("subject-advert", "warning", "The subject reads like an advertisement, or poses as a reply.", _SPAM, "Say it in plain words."),
    Rule("preheader", "note", "There is no preheader.", "The inbox then shows the page's first words beside the subject."),
    Rule("preheader-repeats", "warning", "The preheader repeats the subject.", "The inbox says the same thing twice.", "Set another preheader."),
    Rule("preheader-long", "note", "The preheader is longer than 150 characters.", "No inbox shows more."),
    # weight
    Rule("size-clipped", "error", "The page has more than 102,000 bytes.", "Gmail clips it, the footer with the unsubscribe link first, and drops its styles.", "Lighten the template, or show fewer posts."),
    Rule("size-heavy", "warning", "The page has more than 90,000 bytes.", "Gmail clips a page somewhere past 102,000 bytes."),
    Rule("size-cut", "note", "Posts were left out so that the page is not clipped.", "The mail links to them.", "Nothing, if the link to the original works; or choose a shorter thread."),
    Rule("style-heavy", "warning", "The style sheets have more than 16,000 characters.", "Gmail drops all that comes after.", "Move styles into the elements."),
    Rule("mail-heavy", "warning", "The whole mail weighs more than 1 MB.", "It costs its readers on the road, and some servers put large mail to many aside.", "Lower DIGEST_IMAGES_BUDGET."),
    Rule("line-long", "error", "A line of the mail has more than 998 characters.", "RFC 5322 (2.1.1) forbids it, and servers break such a line anywhere.", "Send it as quoted-printable."),
    # language and order
    Rule("language", "error", "The page names no language.", "A screen reader then reads it in the voice of the reader's own language.", 'Say <html lang="en"> or whichever it is.'),
    Rule("title", "note", "The page has no title.", "Screen readers and browsers announce a page by it."),
    Rule("headings", "warning", "The headings do not begin with one <h1>, or skip a level.", "A screen reader walks a page from heading to heading."),
    Rule("layout-table", "note", "A table that only lays out does not say so.", "A screen reader announces its rows and columns.", 'Add role="presentation".'),
    # markup
    Rule("doctype", "warning", "The page does not begin with <!DOCTYPE html>.", "Mail programs then use their rules of 1998, and boxes change size."),
    Rule("unclosed", "warning", "A tag is not closed, or closed twice.", "Each mail program mends that in its own way."),
    Rule("duplicate-id", "warning", "Two elements have the same id.", "A link to it leads to the first alone."),
    Rule("script", "error", "There is a script, or an attribute that runs one.", "No mail program runs it, and filters refuse mail that has one.", "Take it out."),
    Rule("active-content", "error", "There is an <iframe>, <object>, <embed> or <applet>.", "Mail programs remove it with all that it shows.", "Show a picture that links there."),
    Rule("form", "warning", "There is a form.", "Many programs disable it or warn of it, and Outlook drops its fields.", "Link to a page that has it."),
    Rule("outer-style", "warning", "A style sheet is loaded from elsewhere.", "Gmail, Outlook and Yahoo do not load it: the page loses its look.", "Put the styles into the page."),
    Rule("refresh", "error", "The page sends its reader elsewhere.", "Filters take it for phishing.", "Take the <meta http-equiv=refresh> out."),
    Rule("style-broken", "warning", "A style sheet does not close what it opens.", "Gmail drops a style sheet that it cannot read, whole.", "Look for a missing }."),
    Rule("style-nested", "warning", "An @ rule stands inside another.", "Gmail drops the whole style sheet."),
    Rule("viewport", "note", "A page for phones does not say how wide it is.", "Some phones show it as wide as a desk, in tiny letters.", 'Add <meta name="viewport" content="width=device-width">.'),
    Rule("mjml", "warning", "The template says what MJML does not know.", "Its compiler drops that in silence.", "See `digest template check`."),
    # pictures
    Rule("picture-alt", "error", "A picture has no alt text.", "Who cannot see it, or has pictures turned off, is told nothing.", 'Describe it; alt="" if it only decorates.'),
    Rule("picture-source", "error", "A picture has no address that a reader could load.", "The reader sees a broken frame.", "Give it a full https:// address."),
    Rule("picture-http", "warning", "A picture comes over http.", "Mail programs that show https pages leave it out.", "Serve it over https."),
    Rule("picture-size", "warning", "A picture has no width.", "Outlook shows it in its own size, however wide, and the page jumps while it loads.", "Give width and height in pixels."),
    Rule("picture-huge", "warning", "A picture is wider than 1,300 pixels or heavier than 1 MB.", "It loads slowly on a phone and costs its reader money.", "Make it smaller."),
    Rule("picture-inline", "warning", "A picture is written into the page as data.", "Gmail does not show it, and it weighs on the page.", "Put it on the web, or attach it and name it by cid:."),
    Rule("picture-absent", "warning", "A picture of the thread is not kept here.", "Its words stand for it, as a link; only our own copies are ever shown.", "`digest import` it again, which says why; or let it be."),
    Rule("picture-heavy", "note", "A picture is more than the letter may carry.", "Its words stand for it, as a link.", "Raise DIGEST_IMAGES_BUDGET, or let pictures come from your archive."),
    Rule("picture-words", "note", "A picture came without a description.", "Its reader is told only that there is one.", "Describe it in the source, and import again."),
    Rule("picture-only", "warning", "There are pictures and hardly a word.", "With pictures off the mail is empty, and filters distrust it.", "Say it in words too."),
    Rule("tracking", "warning", "A picture of one pixel.", "It tells the sender who opened the mail, and readers' programs now block it.", "Take it out."),
    # links
    Rule("link", "error", "A link leads nowhere.", "Who presses it is stuck.", _TEMPLATE),
    Rule("link-script", "error", "A link runs a script.", "Mail programs remove it, and filters refuse the mail.", _TEMPLATE),
    Rule("link-anchor", "error", "A link leads to a place that is not in the page.", "Who presses it is stuck.", _TEMPLATE),
    Rule("link-placeholder", "error", "A placeholder stands in a link.", "A template printed it instead of filling it.", _TEMPLATE),
    Rule("link-http", "warning", "A link goes over http.", "Browsers warn of such a page, and anyone on the way can read it.", "Use the https:// address, if it has one."),
    Rule("link-http-quoted", "note", "A link of the author's own goes over http.", "Browsers warn of such a page.", "Nothing; or mend it in the thread."),
    Rule("link-words", "warning", "A link has no words.", "A screen reader can only spell out its address.", "Give it words, or its picture an alt text."),
    Rule("link-vague", "note", "A link says only “click here”.", "A screen reader lists links without the words around them.", "Let it say where it leads."),
    Rule("link-disguised", "warning", "A link shows one address and leads to another.", "That is how phishing looks, and filters know it.", "Show the address that it leads to."),
    Rule("link-shortened", "warning", "A link hides behind a shortener.", "Spammers use them too, so filters distrust them all.", "Link to the page itself."),
    Rule("link-number", "warning", "A link leads to a numbered host.", "Filters take it for phishing.", "Link to a host by its name."),
    Rule("link-dead", "error", "A link or picture does not answer (looked up with --online).", "Who presses it meets an error page.", "Mend the address, or take it out."),
    Rule("link-shut", "note", "A link or picture is shut to programs (looked up with --online).", "It may open for a person, or be gone: only a person can say.", "Open it in a browser."),
    Rule("link-moved", "note", "A link is sent on elsewhere (looked up with --online).", "It works, and each step is one more that can break.", "Use the address that it ends at."),
    # words
    Rule("placeholder", "error", "A placeholder stands in the text.", "A template printed it instead of filling it.", _TEMPLATE),
    Rule("filler", "warning", "Filler stands in the text: lorem ipsum, undefined, an empty greeting.", "Somebody meant to write it later.", _TEMPLATE),
    Rule("content", "error", "A post is missing.", "Both parts of a mail must say the same (RFC 2046, 5.1.4).", "Look at the template of that part."),
    Rule("text-part", "warning", "There is no text part.", "Who reads mail as plain text gets nothing, and filters count it.", "Send both parts."),
    Rule("text-differs", "warning", "The text part says something else than the page.", "Who reads plain text gets another mail, and filters count it."),
    Rule("page-part", "note", "There is no HTML part.", "That is fine, if it is meant so."),
    # colours
    Rule("contrast", "warning", "Words are hard to read on their ground, by day or by night.", "Below 4.5 : 1 (3 : 1 for large letters) many readers cannot (WCAG 2.2, 1.4.3).", "Choose a darker or a lighter colour."),
    Rule("invisible", "error", "Words have nearly the colour of their ground.", "Nobody can read them, and filters take them for hidden words.", "Choose another colour."),
    Rule("small", "warning", "Words are set smaller than 9 pixels.", "Hardly anybody can read them on a phone.", "12 pixels or more."),
    # support by mail programs
    Rule("support", "note", "A feature that some mail programs lack.", "The page looks plainer there and can still be read."),
    Rule("support-layout", "warning", "Layout, colour or a picture rests on what some mail programs lack.", "There columns fall apart, or something is not shown at all.", "Lay out with tables; give a plain value first."),
    # who it is from, and the way out
    Rule("from", "error", "There is no From, or it is no address.", "Servers refuse it (RFC 5322, 3.6)."),
    Rule("date", "error", "There is no Date, or it is no date.", "RFC 5322 (3.6) asks for it, and filters count it."),
    Rule("message-id", "warning", "There is no Message-ID.", "Filters count it, and replies cannot be threaded (RFC 5322, 3.6.4)."),
    Rule("header-twice", "error", "A header that may stand once stands twice.", "Large providers refuse the mail (RFC 5322, 3.6)."),
    Rule("dkim", "note", "The mail has no DKIM signature.", "Large providers want each mail signed; yours may sign for you.", "Set DKIM_*, unless your SMTP provider signs."),
    Rule("dkim-alignment", "error", "The signature is of another domain than From.", "DMARC then fails, and many servers refuse the mail (RFC 7489, 3.1).", "Sign for the domain of DIGEST_FROM."),
    Rule("unsubscribe-header", "warning", "There is no List-Unsubscribe.", "Gmail and Yahoo want it in every newsletter; without it readers press “spam” (RFC 2369)."),
    Rule("unsubscribe-one-click", "note", "There is no one-click unsubscribe (List-Unsubscribe-Post and an https address).", "Gmail and Yahoo ask senders of 5,000 mails a day for it (RFC 8058).", "Set DIGEST_BASE_URL to an https address."),
    Rule("unsubscribe", "error", "The reader sees no way out.", "Who cannot find it presses “spam”; the law asks for it too (15 U.S.C. 7704(a)(3)).", "Put the link into the footer of both parts."),
    Rule("postal-address", "error", "There is no postal address.", "The law asks for it in every issue (15 U.S.C. 7704(a)(5)).", "Set DIGEST_POSTAL_ADDRESS."),
    # shapes that filters know
    Rule("spam-words", "warning", "Several phrases that spam is made of.", _SPAM, "Say it in plain words."),
    Rule("spam-capitals", "warning", "Much of the text is in capitals.", _SPAM),
    Rule("spam-verdict", "warning", "SpamAssassin or rspamd takes it for spam (asked with --spam).", "Many servers go by the same rules.", "Look at the rules that it names."),
    Rule("spam-score", "note", "What SpamAssassin or rspamd counts (asked with --spam).", "Below its limit, so it takes the mail for no spam."),
    # the source
    Rule("import", "note", "Something looked wrong when the thread came in.", "It would go out like that.", "Save the page again, or edit the text and import it."),
)  # fmt: skip
BY_NAME = {rule.name: rule for rule in RULES}


def found(name: str, detail: str = "", *, where: str = "", fix: str = "") -> Finding:
    """What a rule found: its own sentence and the detail, with its own level, reason and remedy."""
    rule = BY_NAME[name]
    what = f"{rule.what.rstrip('.')}: {detail}" if detail else rule.what
    return Finding(rule=name, level=rule.level, what=what, where=where, why=rule.why, fix=fix or rule.fix)
