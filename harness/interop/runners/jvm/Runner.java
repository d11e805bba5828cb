import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
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
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The phone's cipher on a JVM as a runner, with nothing but what the JDK has. docs/runner-protocol.md has the protocol.
 *
 * <p>The calls into the JDK are those that were compared with the app itself, errors included (cipher.md 5).
 */
public final class Runner {
    private static final int IV_BYTES = 16;

    private Runner() {}

    public static void main(String[] arguments) {
        try {
            var output = new Output(new FileOutputStream(FileDescriptor.out));
            serve(new Lines(new FileInputStream(FileDescriptor.in)), output);
        } catch (IOException nobodyReads) {
            System.exit(1);
        }
    }

    /** Answers until the last line or {@code bye}. The answers go out when no request is waiting. */
    private static void serve(Lines lines, Output output) throws IOException {
        var said = new StringBuilder();
        boolean more = true;
        for (byte[] line; more && (line = lines.next()) != null; ) {
            said.setLength(0);
            more = answer(line, said);
            output.write(said);
            if (!lines.oneIsWaiting()) output.flush();
        }
        output.flush();
    }

    /** Writes the answer to a line, or nothing for an empty one. False after the last request. */
    private static boolean answer(byte[] line, StringBuilder said) {
        String id = "null";
        String op = "";
        try {
            String text = new String(line, StandardCharsets.UTF_8).strip();
            if (text.isEmpty()) return true;
            Map<String, String> request = new FlatJson(text).read();
            id = request.getOrDefault(FlatJson.RAW_ID, "null");
            op = request.getOrDefault("op", "");
            String fields = fields(op, request);
            said.append("{\"id\":").append(id).append(fields).append("}\n");
        } catch (Exception error) {
            failure(said, id, "error", error);
        } catch (Error error) { // such as too little memory: what an application does not catch
            failure(said, id, "panic", error);
        }
        return !op.equals("bye");
    }

    private static void failure(StringBuilder said, String id, String how, Throwable it) {
        said.setLength(0);
        said.append("{\"id\":").append(id);
        said.append(",\"").append(how).append("\":").append(quoted(className(it)));
        said.append(",\"message\":").append(quoted(Objects.toString(it.getMessage(), ""))).append("}\n");
    }

    private static String className(Throwable it) {
        return it instanceof BadRequest ? "BadRequest" : it.getClass().getName();
    }

    private static String fields(String op, Map<String, String> request) throws GeneralSecurityException {
        return switch (op) {
            case "hello" -> hello();
            case "encrypt" -> {
                String iv = request.get("iv_hex");
                yield ",\"ciphertext\":" + quoted(
                    encrypt(in(request, "key"), in(request, "text"), iv == null ? drawnIv() : ivOf(iv)));
            }
            case "decrypt" -> ",\"text\":" + quoted(decrypt(in(request, "key"), in(request, "ciphertext")));
            case "bye" -> "";
            default -> throw new BadRequest("no operation " + quoted(op));
        };
    }

    private static String in(Map<String, String> request, String name) {
        String value = request.get(name);
        if (value == null) throw new BadRequest("there is no " + name);
        return value;
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

    /** An IV as the phone draws it: anybody who sees it knows all that this source ever gives (cipher.md 2). */
    private static byte[] drawnIv() {
        byte[] iv = new byte[IV_BYTES];
        new Random().nextBytes(iv);
        return iv;
    }

    private static byte[] ivOf(String hex) {
        if (!hex.matches("[0-9a-fA-F]{32}")) throw new BadRequest("iv_hex has to be 16 bytes in hex");
        return HexFormat.of().parseHex(hex);
    }

    // -- the protocol ------------------------------------------------------------------------------------------------

    /** A request that is none. */
    private static final class BadRequest extends RuntimeException {
        private static final long serialVersionUID = 1;

        BadRequest(String problem) {
            super(problem);
        }
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

    /** Reads a JSON object. Its strings are kept; all else but the id is read over. */
    private static final class FlatJson {
        /** The id as it was written, so that it goes back as it came. No request has a field of this name. */
        static final String RAW_ID = "\0id";

        private static final int DEPTH_MAX = 100;

        private final String json;
        private int at;

        FlatJson(String json) {
            this.json = json;
        }

        Map<String, String> read() {
            var members = new HashMap<String, String>();
            take('{');
            if (!taken('}')) {
                do {
                    String name = string();
                    take(':');
                    next();
                    int start = at;
                    String value = value(0);
                    if (value != null) members.put(name, value);
                    if (name.equals("id")) members.put(RAW_ID, ascii(json.substring(start, at)));
                } while (taken(','));
                take('}');
            }
            if (next() != 0) throw unexpected();
            return members;
        }

        /** What a string says; null for all else. */
        private String value(int depth) {
            if (depth > DEPTH_MAX) throw new BadRequest("nested too deeply");
            switch (next()) {
                case '"': return string();
                case '{': return members('}', depth);
                case '[': return members(']', depth);
                default:
                    word();
                    return null;
            }
        }

        private String members(char end, int depth) {
            at++;
            if (taken(end)) return null;
            do {
                if (end == '}') {
                    string();
                    take(':');
                }
                value(depth + 1);
            } while (taken(','));
            take(end);
            return null;
        }

        /** Reads over a number, true, false or null. */
        private void word() {
            int start = at;
            while (at < json.length() && "+-.0123456789abcdefghijklmnopqrstuvwxyzE".indexOf(json.charAt(at)) >= 0) at++;
            String word = json.substring(start, at);
            boolean digits = !word.isEmpty() && word.chars().allMatch(unit -> unit >= '0' && unit <= '9');
            if (!digits && !word.matches("true|false|null|-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?")) {
                throw unexpected();
            }
        }

        private String string() {
            take('"');
            int start = at;
            while (at < json.length() && json.charAt(at) != '"' && json.charAt(at) != '\\') at++;
            if (at < json.length() && json.charAt(at) == '"') return json.substring(start, at++);
            var text = new StringBuilder(json.length() - start).append(json, start, at);
            while (at < json.length() && json.charAt(at) != '"') {
                char unit = json.charAt(at++);
                text.append(unit == '\\' ? escaped() : unit);
            }
            take('"');
            return text.toString();
        }

        private char escaped() {
            if (at >= json.length()) throw unexpected();
            char letter = json.charAt(at++);
            int known = "\"\\/bfnrt".indexOf(letter);
            if (known >= 0) return "\"\\/\b\f\n\r\t".charAt(known);
            if (letter != 'u' || at + 4 > json.length()) throw unexpected();
            at += 4;
            return (char) HexFormat.fromHexDigits(json, at - 4, at);
        }

        /** What comes after white space, or 0 at the end. */
        private char next() {
            while (at < json.length() && " \t\r\n".indexOf(json.charAt(at)) >= 0) at++;
            return at < json.length() ? json.charAt(at) : 0;
        }

        private boolean taken(char what) {
            if (next() != what) return false;
            at++;
            return true;
        }

        private void take(char what) {
            if (!taken(what)) throw unexpected();
        }

        private BadRequest unexpected() {
            return new BadRequest("this line is no JSON object (column " + (at + 1) + ")");
        }

        private static String ascii(String id) {
            return id.chars().allMatch(unit -> unit < 0x7f) ? id : "null";
        }
    }

    /** The lines of a stream. */
    private static final class Lines {
        private final InputStream input;
        private byte[] buffer = new byte[1 << 16];
        private int start;
        private int end;

        Lines(InputStream input) {
            this.input = input;
        }

        /** The next line without its end, or null after the last one. */
        byte[] next() throws IOException {
            for (int seen = start; ; ) {
                int border = find(seen);
                if (border >= 0) return line(border, border + 1);
                seen = end - start;
                if (!fill()) return end > start ? line(end, end) : null;
            }
        }

        boolean oneIsWaiting() {
            return find(start) >= 0;
        }

        private int find(int from) {
            for (int at = from; at < end; at++) if (buffer[at] == '\n') return at;
            return -1;
        }

        private byte[] line(int border, int next) {
            byte[] line = Arrays.copyOfRange(buffer, start, border);
            start = next;
            return line;
        }

        /** Moves what is there to the front, where {@code next} goes on after it. */
        private boolean fill() throws IOException {
            if (start > 0) System.arraycopy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
            if (end == buffer.length) buffer = Arrays.copyOf(buffer, 2 * buffer.length);
            int read = input.read(buffer, end, buffer.length - end);
            end += Math.max(read, 0);
            return read >= 0;
        }
    }

    /** ASCII that goes out when it is told to, or when it is much. */
    private static final class Output {
        private final OutputStream output;
        private final StringBuilder kept = new StringBuilder();

        Output(OutputStream output) {
            this.output = output;
        }

        void write(CharSequence text) throws IOException {
            kept.append(text);
            if (kept.length() > 1 << 16) flush();
        }

        void flush() throws IOException {
            output.write(kept.toString().getBytes(StandardCharsets.US_ASCII));
            kept.setLength(0);
        }
    }
}
