import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The phone's cipher on a JVM as a runner, with nothing but what the JDK has. docs/runner-protocol.md has the protocol.
 *
 * <p>The calls into the JDK are those of the app. docs/interop.md tells what its code does on a JVM, errors included.
 */
public final class Runner {
    private static final int IV_BYTES = 16;

    /** How a member of a flat object begins: its name, and its value unless that is a string. */
    private static final Pattern MEMBER = Pattern.compile(
        "\\s*([{,])\\s*\"((?:[^\"\\\\]|\\\\.)*+)\"\\s*:\\s*(\"|[\\w.+-]++)\\s*+", Pattern.DOTALL);
    private static final Pattern ID = Pattern.compile("0|[1-9][0-9]{0,17}|\"[ !#-\\[\\]-~]*\"");

    private Runner() {}

    /** Answers until {@code bye}, or until the input ends. What has come in one piece is answered in one. */
    public static void main(String[] arguments) throws IOException {
        var lines = new StringBuilder(); // a character for each byte; the last line may not be whole yet
        var said = new StringBuilder();
        byte[] piece = new byte[1 << 16];
        boolean more = true;
        while (more) {
            int seen = lines.length();
            int read = System.in.read(piece);
            lines.append(read < 0 ? "\n" : new String(piece, 0, read, StandardCharsets.ISO_8859_1));
            int start = 0;
            for (int end; more && (end = lines.indexOf("\n", Math.max(start, seen))) >= 0; start = end + 1) {
                String line = lines.substring(start, end).strip();
                more = line.isEmpty() || answer(line, said);
            }
            lines.delete(0, start);
            System.out.write(said.toString().getBytes(StandardCharsets.US_ASCII));
            System.out.flush();
            said.setLength(0);
            if (System.out.checkError()) System.exit(1); // nobody reads any more
            more &= read >= 0;
        }
    }

    /** Adds the answer to a line. False after the last request. */
    private static boolean answer(String line, StringBuilder said) {
        String id = "null";
        String op = "";
        String fields;
        try {
            Map<String, String> request = members(line);
            if (ID.matcher(request.getOrDefault("id", "")).matches()) id = request.get("id");
            op = request.getOrDefault("op", "");
            fields = fields(op, request);
        } catch (Exception error) {
            fields = failure("error", error);
        } catch (Error error) { // such as too little memory: what an application does not catch
            fields = failure("panic", error);
        }
        said.append("{\"id\":").append(id).append(fields).append("}\n");
        return !op.equals("\"bye\"");
    }

    private static String failure(String how, Throwable it) {
        String message = Objects.toString(it.getMessage(), "");
        return ",\"" + how + "\":" + quoted(it.getClass().getName()) + ",\"message\":" + quoted(message);
    }

    private static String fields(String op, Map<String, String> request) throws GeneralSecurityException {
        return switch (op) {
            case "\"hello\"" -> hello();
            case "\"encrypt\"" -> {
                byte[] iv = request.containsKey("iv_hex") ? bytes(request, "iv_hex") : drawnIv();
                if (iv.length != IV_BYTES) throw new BadRequest("iv_hex has to be 16 bytes");
                yield ",\"ciphertext\":" + quoted(encrypt(text(request, "key_hex"), text(request, "text_hex"), iv));
            }
            case "\"decrypt\"" ->
                ",\"text\":" + quoted(decrypt(text(request, "key_hex"), text(request, "ciphertext_hex")));
            case "\"bye\"" -> "";
            default -> throw new BadRequest("no operation " + op);
        };
    }

    private static String hello() throws GeneralSecurityException {
        var provider = cipher().getProvider();
        String version = "Java " + System.getProperty("java.version")
            + ", " + provider.getName() + " " + provider.getVersionStr();
        return ",\"protocol\":1,\"name\":\"jvm\",\"version\":" + quoted(version)
            + ",\"dialect\":\"jvm\",\"can\":[\"encrypt\",\"decrypt\",\"iv\"]";
    }

    // -- the cipher --------------------------------------------------------------------------------------------------

    private static String encrypt(String key, String text, byte[] iv) throws GeneralSecurityException {
        Cipher cipher = cipher();
        cipher.init(Cipher.ENCRYPT_MODE, keyOf(key), new IvParameterSpec(iv));
        byte[] encrypted = cipher.doFinal(text.getBytes(StandardCharsets.UTF_8));
        byte[] envelope = Arrays.copyOf(iv, iv.length + encrypted.length);
        System.arraycopy(encrypted, 0, envelope, iv.length, encrypted.length);
        return Base64.getEncoder().encodeToString(envelope);
    }

    private static String decrypt(String key, String ciphertext) throws GeneralSecurityException {
        byte[] envelope = Base64.getDecoder().decode(ciphertext);
        int border = Math.min(IV_BYTES, envelope.length); // an IV that is too short is the cipher's to refuse
        Cipher cipher = cipher();
        cipher.init(Cipher.DECRYPT_MODE, keyOf(key), new IvParameterSpec(envelope, 0, border));
        return new String(cipher.doFinal(envelope, border, envelope.length - border), StandardCharsets.UTF_8);
    }

    private static Cipher cipher() throws GeneralSecurityException {
        return Cipher.getInstance("AES/CFB/NoPadding");
    }

    private static SecretKeySpec keyOf(String key) throws GeneralSecurityException {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        return new SecretKeySpec(MessageDigest.getInstance("SHA-256").digest(bytes), "AES");
    }

    /** An IV as the phone draws it: anybody who sees it knows all that this source ever gives. */
    private static byte[] drawnIv() {
        byte[] iv = new byte[IV_BYTES];
        new Random().nextBytes(iv);
        return iv;
    }

    // -- the protocol ------------------------------------------------------------------------------------------------

    /** The values by their names, as they were written. Escapes stay: of what matters there is hex. */
    private static Map<String, String> members(String line) {
        var members = new HashMap<String, String>();
        var member = MEMBER.matcher(line);
        int end = 0;
        while (member.region(end, line.length()).lookingAt() && member.group(1).equals(end == 0 ? "{" : ",")) {
            boolean isString = line.charAt(member.start(3)) == '"';
            end = isString ? endOfString(line, member.end(3)) : member.end();
            members.put(member.group(2), isString ? line.substring(member.start(3), end) : member.group(3));
        }
        if (end == 0 || !line.substring(end).strip().equals("}")) throw new BadRequest("this is no flat JSON object");
        return members;
    }

    /** Behind the first quote that is not escaped: an even number of backslashes stands before it. */
    private static int endOfString(String line, int start) {
        for (int quote = start; (quote = line.indexOf('"', quote)) >= 0; quote++) {
            int before = quote;
            while (line.charAt(before - 1) == '\\') before--;
            if ((quote - before) % 2 == 0) return quote + 1;
        }
        throw new BadRequest("a string has no end");
    }

    private static byte[] bytes(Map<String, String> request, String name) {
        String hex = request.getOrDefault(name, "");
        if (!hex.startsWith("\"")) throw new BadRequest("there is no " + name);
        try {
            return HexFormat.of().parseHex(hex, 1, hex.length() - 1);
        } catch (IllegalArgumentException error) {
            throw new BadRequest(name + " is no hex");
        }
    }

    /** UTF-8 where half of a surrogate pair is three bytes, as any character of its size; Java's own reads none. */
    private static String text(Map<String, String> request, String name) {
        byte[] bytes = bytes(request, name);
        char[] text = new char[bytes.length];
        int units = 0;
        try {
            for (int at = 0; at < bytes.length; ) {
                int first = bytes[at++] & 0xff;
                int more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
                int point = more == 0 ? first : first & 0x3f >> more;
                while (more-- > 0) point = point << 6 | bytes[at++] & 0x3f;
                units += Character.toChars(point, text, units);
            }
        } catch (IllegalArgumentException | IndexOutOfBoundsException error) {
            throw new BadRequest(name + " is no UTF-8");
        }
        return new String(text, 0, units);
    }

    /** A JSON string of ASCII alone. */
    private static String quoted(String text) {
        var quoted = new StringBuilder(text.length() + 16).append('"');
        int plain = 0;
        for (int at = 0; at < text.length(); at++) {
            char unit = text.charAt(at);
            if (unit >= ' ' && unit < 0x7f && unit != '"' && unit != '\\') continue;
            quoted.append(text, plain, at).append("\\u").append(HexFormat.of().toHexDigits(unit));
            plain = at + 1;
        }
        return quoted.append(text, plain, text.length()).append('"').toString();
    }
}

/** A request that is none. */
final class BadRequest extends RuntimeException {
    private static final long serialVersionUID = 1;

    BadRequest(String problem) {
        super(problem);
    }
}
