"""What vectors have in common, explained once: what it is, what can happen, and what to do about it."""

from __future__ import annotations

from harness.interop.suite import Flag

__all__ = ["FLAGS"]

FLAGS: tuple[Flag, ...] = (
    # -- what every client must do
    Flag(
        "Published",
        "BASIC",
        "A ciphertext that the project printed in its blog: made by its own programs, not by these tables.",
        "A client that gives another text reads no message that anybody ever sent.",
        "Build the envelope as it is: base64 of 16 bytes IV and the AES-256-CFB128 ciphertext; the AES key is "
        "the SHA-256 of the pass phrase.",
    ),
    Flag(
        "KnownAnswer",
        "BASIC",
        "The IV is given, and with it the whole envelope. Some IVs are peculiar: all zero, all FF, letters.",
        "A client that differs has another mode, segment size, order or key: its messages are rubbish to all "
        "others, and nobody gets an error.",
        "Compare the first byte that differs: from the first on it is the key or the IV, from the second on "
        "it is CFB8 instead of CFB128, from the 17th on another mode.",
    ),
    Flag(
        "Length",
        "EDGE_CASE",
        "Text lengths around the borders of AES blocks (16 bytes) and of base64 groups (3 bytes).",
        "Block padding that CFB does not have: the other side shows control characters behind the text, or "
        "the last letters are missing.",
        "Encrypt exactly the bytes of the text: CFB needs no padding (NoPadding, not PKCS5).",
    ),
    Flag(
        "SegmentBorder",
        "EDGE_CASE",
        "Texts that just fill one or more SMS segments: 160 and 153 letters of GSM 7-bit, 70 and 67 of UCS-2.",
        "A client that cuts at segments before it encrypts sends several envelopes, none of which is the message.",
        "Encrypt the whole text. The phone decrypts first and cuts then.",
    ),
    Flag(
        "NearGatewayLimit",
        "EDGE_CASE",
        "Texts whose envelope just fits into the 2,048 letters of the gateway, or the 1,024 of bulk messages "
        "(1,520 and 752 bytes of text), and those of one letter more.",
        "The gateway refuses the message as a whole after the user has written it; a received one never gets there.",
        "Count 4 * ceil((16 + n) / 3) letters for n bytes of UTF-8 before sending; bytes, not characters.",
    ),
    Flag(
        "Large",
        "EDGE_CASE",
        "More text than any message has.",
        "Encoders that break lines after 76 letters, and buffers of a fixed size, show here: the phone "
        "refuses a line break.",
        "Use an encoder without line breaks.",
    ),
    Flag(
        "UnicodeText",
        "FUNCTIONALITY",
        "Texts in many scripts, with emoji, marks, control characters, NUL and byte order marks. All must "
        "come out as they went in.",
        "The recipient reads another text: question marks, a text that ends at a NUL, letters that were put together.",
        "Encode and decode as UTF-8 without normalising, trimming, or taking a byte order mark away.",
    ),
    Flag(
        "LooksLikeData",
        "FUNCTIONALITY",
        "Texts and pass phrases that look like base64, hex, JSON, escapes or envelopes. They are text.",
        "A client that decodes or unescapes them shows another text, or derives another key.",
        "Hand text on as it is.",
    ),
    Flag(
        "KeyText",
        "FUNCTIONALITY",
        "Pass phrases of every kind. The AES key is the SHA-256 of their UTF-8 bytes: nothing is trimmed, "
        "normalised, cut, or decoded from hex or base64.",
        "With another key everything that the client writes is rubbish to all others, and there is no error: "
        "wrong keys go unnoticed.",
        "Hash the bytes of the pass phrase as they are.",
    ),
    Flag(
        "EmptyKey",
        "FUNCTIONALITY",
        "The empty pass phrase. All clients take it, but the phone's settings cannot hold it: there it means "
        "that nothing is encrypted.",
        "A pass phrase that was lost on the way (an unset variable) encrypts under a key that everybody knows.",
        "Refuse an empty pass phrase where the user enters it.",
    ),
    Flag(
        "KeyHasOuterWhitespace",
        "FUNCTIONALITY",
        "A pass phrase that begins or ends with white space. All clients take it, but the phone's settings trim it.",
        "The phone and the SDK have different keys though the user typed the same: unreadable messages "
        "without an error.",
        "Warn where the user enters it; do not trim in the cipher.",
    ),
    Flag(
        "LoneSurrogate",
        "CAN_OF_WORMS",
        "A text or pass phrase with half of a surrogate pair, which UTF-8 cannot hold. The JVM encodes a "
        "question mark, Node and Go U+FFFD.",
        "The clients derive different keys from one pass phrase, or send different texts; neither gets an error.",
        "Refuse what is no well-formed Unicode before it gets to the cipher.",
    ),
    # -- malformed envelopes
    Flag(
        "ShorterThanIv",
        "DENIAL_OF_SERVICE",
        "Legal base64 of fewer than 16 bytes, too short for the IV.",
        "Go's client slices without looking and panics. Where nothing recovers (a goroutine, a queue worker) the "
        "process ends, so one short message from any stranger is a remote crash of a webhook consumer.",
        "Check the decoded length before the IV is cut off, and return an error.",
    ),
    Flag(
        "IvOnly",
        "EDGE_CASE",
        "An IV and no byte of text: the envelope of the empty text.",
        "A client that takes it for too short refuses an empty message that others send.",
        "16 bytes are enough; the text is empty.",
    ),
    Flag(
        "UrlSafeAlphabet",
        "LEGACY",
        "The letters - and _ of URL-safe base64 instead of + and /. Node reads them, nobody else.",
        "Harmless to read. A client that writes them is read by Node alone, and the phone drops its messages.",
        "Write the standard alphabet.",
    ),
    Flag(
        "MissingPadding",
        "LEGACY",
        "All = are missing. The phone and Node read it, Go refuses.",
        "Harmless to read. Messages of a client that leaves the padding away get to the phone, but are "
        "refused by consumers in Go.",
        "Write the padding.",
    ),
    Flag(
        "PartialPadding",
        "LEGACY",
        "One = where two belong. Node alone reads it.",
        "Harmless to read: all letters of the envelope are there.",
        "Write the padding whole.",
    ),
    Flag(
        "ExtraPadding",
        "LEGACY",
        "More = at the end than belong there. Node alone reads it.",
        "Harmless to read: all letters of the envelope are there, and nothing follows.",
        "Write the padding that the length asks for.",
    ),
    Flag(
        "MisplacedPadding",
        "INTEGRITY",
        "A = before the end, followed by more letters.",
        "Node stops there: the text is silently cut, so whoever joins two envelopes, or puts a = into one, "
        "hides the rest of a message from consumers in Node, and nobody gets an error.",
        "Refuse a = that is not at the end.",
    ),
    Flag(
        "Whitespace",
        "FUNCTIONALITY",
        "White space or an invisible character in the envelope. The phone refuses all of it, Go all but line "
        "breaks, Node skips it.",
        "A + that a form decoder turned into a space is a letter lost: who skips it reads rubbish from there "
        "on, and gets no error. Where only a line break was added, nothing is lost.",
        "Refuse it, or strip line breaks at the ends before decrypting.",
    ),
    Flag(
        "LineBreak",
        "LEGACY",
        "Line breaks in the envelope, as MIME encoders and text files add them. Go and Node skip them, the "
        "phone refuses.",
        "Harmless to read. A client that writes them gets no message through: the phone refuses it.",
        "Write one line.",
    ),
    Flag(
        "InvalidCharacter",
        "INTEGRITY",
        "An ASCII character that is no letter of base64.",
        "Node skips it: where it stands for a letter that was damaged, all that follows is another text, and "
        "nobody gets an error. Two different strings are one message, so filters and duplicate checks are "
        "passed.",
        "Refuse it.",
    ),
    Flag(
        "NonAscii",
        "INTEGRITY",
        "A character beyond ASCII in the envelope.",
        "Node reads the low byte of its UTF-16 units as a letter: U+0141 is an A, and of an emoji the half "
        "D83D is a =, which silently cuts the text. What filters and people see is not what is decrypted.",
        "Refuse it.",
    ),
    Flag(
        "NonCanonicalBits",
        "MALLEABILITY",
        "The last letter has bits set that stand for nothing. All clients ignore them.",
        "Harmless to the text, but one message has several envelopes: a check for duplicates by ciphertext is passed.",
        "Do not take the envelope for the identity of a message.",
    ),
    Flag(
        "NotAnEnvelope",
        "FUNCTIONALITY",
        "Something that is no envelope: a plain text, JSON, hex, PEM, a URL, base64 of base64.",
        "Shown as a message it is rubbish. Plain texts that happen to be legal base64 are decrypted to "
        "rubbish without an error.",
        "Tell encrypted messages by the flag that the gateway sends with them, not by their looks.",
    ),
    # -- no integrity
    Flag(
        "WrongKey",
        "INTEGRITY",
        "An envelope that was made under another pass phrase. Nothing detects it.",
        "The consumer gets rubbish for a text and no error. If it acts on what it gets, it acts on rubbish.",
        "Do not take a text for authentic because it was decrypted; an authenticated envelope is the cure "
        "(docs/envelope-v2.md).",
    ),
    Flag(
        "PlaintextBytes",
        "FUNCTIONALITY",
        "The decrypted bytes are not, or only just, UTF-8. The phone, Node and the JVM put U+FFFD in place, "
        "Go hands the bytes on; the JVM counts the U+FFFD of a surrogate otherwise.",
        "Go's text breaks the JSON, the database or the log that it goes to. Comparing texts of two clients fails.",
        "Replace with U+FFFD as the WHATWG decoder does, or refuse; in Go, strings.ToValidUTF8.",
    ),
    Flag(
        "Modified",
        "INTEGRITY",
        "An envelope that was changed on its way. Nothing detects it: the changed text comes out.",
        "Whoever is between the clients alters messages without the key.",
        "Do not act on a decrypted text as if its sender were proven; an authenticated envelope is the cure "
        "(docs/envelope-v2.md).",
    ),
    Flag(
        "BitFlip",
        "INTEGRITY",
        "One bit or more of the envelope flipped: the same bits of the text flip. The 16 bytes after them "
        "turn to rubbish, so in the last block the change is clean.",
        '"pay 100" becomes "pay 900" without the key, and a one-time code becomes another: short messages are '
        "one block.",
        "As for every change: authenticate.",
    ),
    Flag(
        "MovedBlock",
        "INTEGRITY",
        "Blocks of the envelope left out, exchanged, repeated, or taken from another message under the same key.",
        "From the second block on after a seam the text reads well: parts of old messages are played again, "
        "the beginning of a message vanishes.",
        "As for every change: authenticate.",
    ),
    Flag(
        "Truncated",
        "INTEGRITY",
        "An envelope that was cut. On a border of bytes nothing detects it.",
        'The end of a message is lost, and with it its sense ("do not pay" ... "before noon"); nobody gets an error.',
        "As for every change: authenticate.",
    ),
    # -- IVs
    Flag(
        "ReusedIv",
        "CONFIDENTIALITY",
        "Two texts under one key and one IV.",
        "The XOR of the first blocks is the XOR of the texts: who knows one text reads the beginning of the other.",
        "Draw a fresh IV for each message. Decryptors cannot notice.",
    ),
    Flag(
        "FreshIv",
        "CONFIDENTIALITY",
        "A long series of encryptions of one text under one key: all IVs differ, each has 16 bytes, and no bit is the "
        "same in all.",
        "A fixed or repeating IV tells which messages begin alike, and with one text known, the other.",
        "Draw 16 bytes for each message, and let no one of them be fixed.",
    ),
    Flag(
        "PredictableIv",
        "CONFIDENTIALITY",
        "IVs that are outputs of java.util.Random, as those of the phone are: from one of them follow the "
        "state of the generator and all others of it.",
        "Anyone who can have texts encrypted and knows the next IV can test guesses of earlier texts: CFB asks "
        "for IVs that nobody can foresee.",
        "Draw the IV from the cryptographic source: SecureRandom, crypto.randomBytes, crypto/rand, os.urandom.",
    ),
)
