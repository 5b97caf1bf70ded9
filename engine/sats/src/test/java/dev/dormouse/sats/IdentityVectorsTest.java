package dev.dormouse.sats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dormouse.sats.Vectors.Json;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class IdentityVectorsTest {
  private static final Json FILE = Vectors.read("abi-identities.json");

  @Test
  void identitiesAreDerivedFromClaims() {
    for (Json vector : FILE.get("identities_from_claims").list()) {
      Identity identity =
          Identity.fromClaims(vector.get("issuer").text(), vector.get("subject").text());
      assertEquals(vector.get("hex").text(), identity.toHex());
      assertArrayEquals(vector.get("bsatn").hex(), identity.toBsatn());
      assertEquals(identity, Identity.fromHex("0x" + identity.toHex()));
      List<Json> words = vector.get("u64_words_le").list();
      assertEquals(Long.parseUnsignedLong(words.get(0).text()), identity.word0());
      assertEquals(Long.parseUnsignedLong(words.get(1).text()), identity.word1());
      assertEquals(Long.parseUnsignedLong(words.get(2).text()), identity.word2());
      assertEquals(Long.parseUnsignedLong(words.get(3).text()), identity.word3());
    }
  }

  @Test
  void connectionIdsHaveTheirForms() {
    for (Json vector : FILE.get("connection_ids").list()) {
      ConnectionId id = ConnectionId.fromHex(vector.get("hex").text());
      assertEquals(vector.get("hex").text(), id.toHex());
      BsatnWriter writer = new BsatnWriter();
      id.write(writer);
      assertArrayEquals(vector.get("bsatn").hex(), writer.toByteArray());
      assertEquals(id, ConnectionId.read(new BsatnReader(vector.get("bsatn").hex())));
    }
  }

  @Test
  void uuidsHaveTheirForms() {
    for (Json vector : FILE.get("uuids").list()) {
      String text = vector.get("text").text();
      UUID uuid = UuidText.parse(text).orElseThrow();
      assertEquals(text, UuidText.format(uuid));
      BsatnWriter writer = new BsatnWriter();
      UuidText.write(uuid, writer);
      assertArrayEquals(vector.get("bsatn").hex(), writer.toByteArray());
      assertEquals(uuid, UuidText.read(new BsatnReader(writer.toByteArray())));
      for (String form :
          List.of(
              "{" + text + "}",
              "urn:uuid:" + text,
              text.replace("-", ""),
              text.toUpperCase(java.util.Locale.ROOT))) {
        assertEquals(Optional.of(uuid), UuidText.parse(form), form);
      }
    }
    for (String wrong : List.of("", "{}", "1-1-1-1-1", "00112233-4455-6677-8899-aabbccddeefg")) {
      assertEquals(Optional.empty(), UuidText.parse(wrong), wrong);
    }
  }

  @Test
  void hashesAreKeccak() {
    for (Json vector : FILE.get("program_hash_keccak256").list()) {
      byte[] program = vector.get("utf8").text().getBytes(StandardCharsets.UTF_8);
      assertEquals(vector.get("hex").text(), ModuleHash.ofProgram(program).toHex());
    }
    for (Json vector : FILE.get("migration_token").list()) {
      assertEquals(
          vector.get("token").text(),
          ModuleHash.migrationToken(
                  Identity.fromHex(vector.get("database_identity").text()),
                  ModuleHash.fromHex(vector.get("old_hash").text()),
                  ModuleHash.fromHex(vector.get("new_hash").text()))
              .toHex());
    }
  }

  @Test
  void viewArgumentsHash() {
    for (Json vector : FILE.get("view_arg_hash").list()) {
      assertEquals(
          vector.get("hash").text(),
          hex(ViewArguments.hash(Optional.empty(), vector.get("args_hex").hex())));
    }
    for (Json vector : Vectors.read("since-2.8.json").get("view_arg_hashes").list()) {
      Optional<Identity> sender =
          vector.find("sender").map(n -> new Identity(Long.parseLong(n.text()), 0, 0, 0));
      assertEquals(
          vector.get("hash").text(),
          hex(ViewArguments.hash(sender, vector.get("args").hex())),
          vector.get("note")::text);
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  @Test
  void timesHaveTheirTexts() {
    for (Json vector : FILE.get("timestamps").list()) {
      long micros = Long.parseLong(vector.get("micros").text());
      assertEquals(vector.get("text").text(), TimestampText.format(micros));
      assertEquals(Optional.of(micros), TimestampText.parse(vector.get("text").text()));
    }
    for (Json vector : FILE.get("time_durations").list()) {
      assertEquals(
          vector.get("text").text(),
          DurationText.format(Long.parseLong(vector.get("micros").text())));
    }
    assertEquals("-9223372036854.775808", DurationText.format(Long.MIN_VALUE));
  }

  @Test
  void timestampsAreParsedAsLiteralsAre() {
    assertEquals(
        Optional.of(1_739_195_130_123_456L),
        TimestampText.parse("2025-02-10 15:45:30.1234569+02:00"));
    assertEquals(Optional.of(1_739_202_330_000_000L), TimestampText.parse("2025-02-10T15:45:30Z"));
    assertEquals(
        Optional.of(1_739_202_330_000_000L), TimestampText.parse("2025-02-10T10:15:30-05:30"));
    assertEquals(Optional.of(-1L), TimestampText.parse("1969-12-31T23:59:59.999999Z"));
    for (String wrong :
        List.of(
            "2025-02-10",
            "2025-02-10T15:45:30",
            "2025-02-30T15:45:30Z",
            "2025-02-10T24:00:00Z",
            "2025-02-10T15:45:30+24:00",
            "2025-02-10T15:45:30.Z",
            "2025-02-10T15:45:30Z ",
            "٢٠٢٥-02-10T15:45:30Z")) {
      assertEquals(Optional.empty(), TimestampText.parse(wrong), wrong);
    }
    assertEquals(
        "+292278-08-17T11:15:40.775807+00:00".length(),
        TimestampText.format(Long.MAX_VALUE).length());
    assertEquals(
        "-290308-12-21T19:59:05.224192+00:00".length(),
        TimestampText.format(Long.MIN_VALUE).length());
  }
}
