//! Translates German words into the English ones that the rules know, so that one set of rules reads both languages.

/// Each line: an English word, and the German words for it. Word order doesn't matter to most rules.
const WORDS: &str = "
    a: ein eine einen einem einer
    about: über
    account: konto
    again: nochmal wieder erneut
    all: alle alles alles allen sämtliche
    am: bin
    and: und sowie
    approval: freigabe genehmigung zustimmung
    approve: freigeben genehmigen zustimmen bestätigen
    are: gibt sind bist
    at: zu zum
    available: verfügbar
    balance: guthaben kontostand
    bought: gekauft
    buy: kaufe kauf kaufen kaufst erwerbe erwerben
    bye: tschüss ciao wiedersehen
    called: heiße heisse
    can: kann kannst könntest können
    cancel: storniere stornieren storno abbrechen
    cash: bargeld
    code: kürzel
    connect: verbinde verbinden verknüpfe
    cost: kostet kosten
    day: tag
    details: einzelheiten
    did: wurde
    disconnect: trenne trennen
    do: tue mache machen
    each: je jeweils
    evening: abend
    every: jeden jede
    find: finde
    five: fünf
    for: für nach
    four: vier
    from: aus
    get: bekommst bekomme hole
    good: guten gute gut
    half: hälfte halbe
    have: habe hast haben
    hello: hallo moin servus
    help: hilfe
    history: verlauf entwicklung historie entwickelt entwickelte
    how: wie
    hundred: hundert
    i: ich
    info: infos information informationen
    instead: stattdessen lieber
    is: ist
    it: sie
    last: letzte letzten letzter letztes letztem
    many: viele
    me: mir mich
    money: geld
    month: monat
    morning: morgen
    most: höchstens maximal
    much: viel
    must: muss
    my: mein meine meinen meiner meinem meines
    name: namen
    never: niemals nie
    nine: neun
    not: nicht kein keine keinen
    of: von vom
    one: eins
    order: auftrag bestellung
    orders: aufträge bestellungen
    other: andere anderen anderes anderer
    per: pro
    piece: stück
    please: bitte
    portfolio: depot bestand
    price: kurs preis
    prices: kurse preise
    quote: steht notiert
    real: echt echtes echte
    safe: sicher
    search: suche suchen
    see: siehst sehen
    sell: verkaufe verkauf verkaufen verkaufst veräußere
    seven: sieben
    share: aktie anteil
    shares: anteile
    should: soll sollte
    show: zeig zeige anzeigen
    six: sechs
    stocks: aktien
    tell: erzähl erzähle
    ten: zehn
    thanks: danke dankeschön
    the: der die den dem
    then: dann danach anschließend
    there: es
    this: das dies
    three: drei
    to: um
    total: insgesamt gesamt
    twelve: zwölf
    twenty: zwanzig
    two: zwei
    up: bis
    want: möchte will würde
    what: was
    when: wenn sobald
    which: welche welchen welches
    who: wer
    why: warum wieso weshalb
    with: mit
    withdraw: zurückziehen zurück
    without: ohne
    works: funktioniert
    worth: wert
    you: du dir
    your: dein deine deiner
";

/// The English word for this one, which is in lower case.
pub(crate) fn english(word: &str) -> Option<&'static str> {
    WORDS.lines().find_map(|line| {
        let (english, german) = line.trim().split_once(": ")?;
        german.split(' ').any(|one| one == word).then_some(english)
    })
}
