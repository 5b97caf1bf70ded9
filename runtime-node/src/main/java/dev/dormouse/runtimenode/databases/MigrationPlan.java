package dev.dormouse.runtimenode.databases;

import dev.dormouse.database.Program;
import dev.dormouse.runtimenode.http.Answer;
import dev.dormouse.sats.ModuleHash;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What publishing would do, as pre_publish answers it. So far a program can only replace one with
 * the same tables. Source: spec http-api §5.2.
 */
final class MigrationPlan {
  private MigrationPlan() {}

  static Answer between(Registered database, Program present, Program next) {
    boolean major = present.schema().version() < next.schema().version();
    List<String> changes = present.tableChanges(next);
    if (!changes.isEmpty()) {
      return Answer.json(
          200,
          "{\"ManualMigrate\":{\"reason\":%s,\"major_version_upgrade\":%s}}"
              .formatted(Json.string(String.join("\n", changes)), major));
    }
    String plan = "The tables stay as they are; the program is replaced.\n";
    return Answer.json(
        200,
        "{\"AutoMigrate\":{\"migrate_plan\":%s,\"break_clients\":false,\"token\":\"%s\",\"major_version_upgrade\":%s}}"
            .formatted(Json.string(plan), token(database, present, next), major));
  }

  /** What names this update, so that nobody allows another one by mistake. */
  static String token(Registered database, Program present, Program next) {
    String input = database.identity().toHex() + present.hash().toHex() + next.hash().toHex();
    return hash(
        ModuleHash.ofBytes(ModuleHash.keccak256(input.getBytes(StandardCharsets.US_ASCII))));
  }

  /** A hash as HTTP shows it: read little-endian, {@code 0x} and minimal hex. Source: §2. */
  static String hash(ModuleHash hash) {
    byte[] bytes = hash.toByteArray();
    byte[] bigEndian = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      bigEndian[i] = bytes[bytes.length - 1 - i];
    }
    return "0x" + new BigInteger(1, bigEndian).toString(16);
  }
}
