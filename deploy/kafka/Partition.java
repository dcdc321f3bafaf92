import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;

/**
 * Prints the partition of each key on standard input, as Kafka's own Java client has
 * it. A key is a line of hexadecimal digits, so that it can be any bytes. The argument
 * is the number of partitions.
 */
public final class Partition {
    public static void main(String[] args) throws IOException {
        int partitions = Integer.parseInt(args[0]);
        StringBuilder answer = new StringBuilder();
        BufferedReader keys = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String key = keys.readLine(); key != null; key = keys.readLine()) {
            answer.append(BuiltInPartitioner.partitionForKey(HexFormat.of().parseHex(key), partitions)).append('\n');
        }
        System.out.print(answer);
    }
}
