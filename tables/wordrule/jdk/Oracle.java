import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The word rule by its definition, for the tests. Each line of standard input
 * is a text in UTF-8, written in hex; each line of the answer is the
 * lower-cased text and its words, in hex, separated by blanks.
 *
 * With the argument "classes" it prints one digit a code point instead:
 * 1 when the code point is a letter, mark or digit, else 0.
 */
public class Oracle {
    static final Pattern WORD = Pattern.compile("[\\p{L}\\p{M}\\p{N}]+(?:'[\\p{L}\\p{M}\\p{N}]+)*");

    public static void main(String[] args) throws Exception {
        BufferedWriter out = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.US_ASCII), 1 << 16);
        if (args.length > 0 && args[0].equals("classes")) {
            Pattern one = Pattern.compile("[\\p{L}\\p{M}\\p{N}]");
            for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
                out.write(one.matcher(Character.toString(c)).matches() ? '1' : '0');
            }
            out.flush();
            return;
        }
        HexFormat hex = HexFormat.of();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII), 1 << 16);
        for (String s; (s = in.readLine()) != null;) {
            String lower = new String(hex.parseHex(s), StandardCharsets.UTF_8).toLowerCase(Locale.ROOT);
            out.write(hex.formatHex(lower.getBytes(StandardCharsets.UTF_8)));
            Matcher m = WORD.matcher(lower.replace('\u2019', '\''));
            while (m.find()) {
                out.write(' ');
                out.write(hex.formatHex(m.group().getBytes(StandardCharsets.UTF_8)));
            }
            out.write('\n');
        }
        out.flush();
    }
}
