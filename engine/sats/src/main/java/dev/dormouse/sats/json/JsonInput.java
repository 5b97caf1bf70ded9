package dev.dormouse.sats.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.Bsatn;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.Typespace;
import java.io.IOException;
import java.util.List;

/**
 * Values from SATS-JSON straight to BSATN, at a type.
 *
 * <p>One JSON document with nothing behind it. Immutable. Source: spec data-model §5.2, since-2.8
 * §3.6.
 */
public final class JsonInput {
  // A 128-bit integer has 39 digits; floats may be written at any length within reason. Names can
  // only be those of the type, whose limit is lower.
  private static final int NUMBER_LENGTH_MAX = 1024;
  private static final int NAME_LENGTH_MAX = 8192;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(2 * Bsatn.DEPTH_MAX)
                  .maxNumberLength(NUMBER_LENGTH_MAX)
                  .maxNameLength(NAME_LENGTH_MAX)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          // The tables of names would be shared between tenants and grow with hostile names.
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private final Typespace typespace;

  private JsonInput(Typespace typespace) {
    this.typespace = typespace;
  }

  /** Input of values whose types' references point into this typespace. */
  public static JsonInput of(Typespace typespace) {
    return new JsonInput(typespace);
  }

  /**
   * Appends the value in a JSON text.
   *
   * @throws DecodeException if the text is no JSON, no value of the type, or goes on behind it; the
   *     message says where. What was appended until then is taken back
   */
  public void read(AlgebraicType type, String json, BsatnWriter out) {
    parse(json, out, reading -> reading.value(type));
  }

  /** As {@link #read(AlgebraicType, String, BsatnWriter)}, from UTF-8. */
  public void read(AlgebraicType type, byte[] json, BsatnWriter out) {
    read(type, utf8(json), out);
  }

  /**
   * Appends the arguments of a function: an array by position, or an object by name.
   *
   * @param params named as in the module's source
   * @param canonicalNames the parameters' converted names, which are accepted as well; where a name
   *     is the source name of one and the canonical name of another, the former is meant
   */
  public void readArguments(
      Product params, List<String> canonicalNames, String json, BsatnWriter out) {
    parse(json, out, reading -> reading.arguments(params, canonicalNames));
  }

  /** As {@link #readArguments(Product, List, String, BsatnWriter)}, from UTF-8. */
  public void readArguments(
      Product params, List<String> canonicalNames, byte[] json, BsatnWriter out) {
    readArguments(params, canonicalNames, utf8(json), out);
  }

  private static String utf8(byte[] json) {
    return new BsatnReader(json).readText(json.length);
  }

  private interface Step {
    void take(JsonReading reading) throws IOException;
  }

  private void parse(String json, BsatnWriter out, Step step) {
    int start = out.size();
    boolean done = false;
    try (JsonParser parser = FACTORY.createParser(json)) {
      if (parser.nextToken() == null) {
        throw new DecodeException("JSON text is empty");
      }
      step.take(new JsonReading(typespace, parser, out));
      if (parser.nextToken() != null) {
        throw new DecodeException(
            "JSON text goes on after its value, at offset "
                + parser.currentTokenLocation().getCharOffset());
      }
      done = true;
    } catch (JsonProcessingException e) {
      throw new DecodeException(
          "no JSON at offset %d: %s"
              .formatted(
                  e.getLocation() == null ? 0 : e.getLocation().getCharOffset(),
                  e.getOriginalMessage()),
          e);
    } catch (IOException e) {
      throw new DecodeException("no JSON: " + e.getMessage(), e);
    } finally {
      if (!done) {
        out.truncate(start);
      }
    }
  }
}
