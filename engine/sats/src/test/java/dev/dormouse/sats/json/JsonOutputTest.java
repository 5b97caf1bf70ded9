package dev.dormouse.sats.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Typespace;
import java.util.Collections;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class JsonOutputTest {
  private static final int UNITS = 20_000;

  /** Four bytes of BSATN, more than 2 GiB of JSON. */
  @Test
  void fewBytesOfManyUnitsStopAtTheLimit() {
    Product units =
        new Product(Collections.nCopies(UNITS, new Member(Optional.empty(), AlgebraicType.UNIT)));
    JsonOutput.Shape shape =
        JsonOutput.of(Typespace.EMPTY, JsonForm.UNTYPED).shape(new Array(units));
    byte[] bytes = new BsatnWriter().writeI32(60_000).toByteArray();
    StringBuilder out = new StringBuilder();
    EngineException refused =
        assertThrows(
            EngineException.class, () -> shape.write(new BsatnReader(bytes), out, 100_000));
    assertEquals(
        "result of more than 100000 characters of JSON, which is the limit", refused.text());
    assertEquals(EngineException.Code.CALLER, refused.code());
    assertTrue(out.length() < 100_010, out.length() + " characters");
  }

  @Test
  void whatFitsExactlyIsWritten() {
    JsonOutput.Shape shape =
        JsonOutput.of(Typespace.EMPTY, JsonForm.UNTYPED).shape(new Array(AlgebraicType.UNIT));
    byte[] bytes = new BsatnWriter().writeI32(3).toByteArray();
    StringBuilder out = new StringBuilder();
    shape.write(new BsatnReader(bytes), out, 10);
    assertEquals("[[],[],[]]", out.toString());
    assertThrows(
        EngineException.class, () -> shape.write(new BsatnReader(bytes), new StringBuilder(), 9));
  }
}
