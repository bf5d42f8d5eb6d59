import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * What the stand-ins for frameworks share: they start scripts as the framework does, in as many
 * threads. java_driver.py is the other side: a call is a line of words on standard input, its
 * outcome a line on standard output, "done" or "failed" and words; outcomes come in the order of
 * their calls. A word is Base64 of UTF-8, "-" the empty one.
 */
abstract class Driver {
    /** Makes one call; any thread. An exception is an outcome, too: its class and its text. */
    abstract List<String> call(List<String> words) throws Exception;

    /** Serves until standard input ends. */
    final void serve(int threads) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        BlockingQueue<Future<String>> outcomes = new LinkedBlockingQueue<>();
        Future<String> end = pool.submit(() -> "");
        Thread teller = new Thread(() -> tell(outcomes, end));
        teller.start();
        BufferedReader calls =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = calls.readLine(); line != null; line = calls.readLine()) {
            List<String> words = decode(line);
            outcomes.add(pool.submit(() -> outcome(words)));
        }
        outcomes.add(end);
        teller.join();
        pool.shutdown();
    }

    private static void tell(BlockingQueue<Future<String>> outcomes, Future<String> end) {
        try {
            for (Future<String> next = outcomes.take(); next != end; next = outcomes.take()) {
                System.out.println(next.get());
            }
        } catch (Exception e) {
            e.printStackTrace();
            System.exit(1);
        }
    }

    private String outcome(List<String> words) {
        try {
            return encode("done", call(words));
        } catch (Exception e) {
            return encode("failed", List.of(e.getClass().getName(), String.valueOf(e.getMessage())));
        }
    }

    private static List<String> decode(String line) {
        List<String> words = new ArrayList<>();
        for (String word : line.split(" ")) {
            byte[] bytes = word.equals("-") ? new byte[0] : Base64.getDecoder().decode(word);
            words.add(new String(bytes, StandardCharsets.UTF_8));
        }
        return words;
    }

    private static String encode(String outcome, List<String> words) {
        StringBuilder line = new StringBuilder(outcome);
        for (String word : words) {
            byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
            String coded = Base64.getEncoder().encodeToString(bytes);
            line.append(' ').append(coded.isEmpty() ? "-" : coded);
        }
        return line.toString();
    }

    /** All of a script's stream, in the platform's charset, as the frameworks read. */
    static String readAll(InputStream stream) throws IOException {
        return new String(stream.readAllBytes(), Charset.defaultCharset());
    }

    /** Begins to write, and kills the script where `bytes` of its input were written. */
    static void killAt(Process process, byte[] input, int bytes) throws Exception {
        OutputStream stream = process.getOutputStream();
        stream.write(input, 0, Math.min(bytes, input.length));
        stream.flush();
        process.destroyForcibly().waitFor();
    }
}
