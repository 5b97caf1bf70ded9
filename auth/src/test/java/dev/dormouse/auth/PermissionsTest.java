package dev.dormouse.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.Identity;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PermissionsTest {
  private static final Identity OWNER = Identity.fromClaims("localhost", "owner");
  private static final Identity STRANGER = Identity.fromClaims("localhost", "stranger");
  private static final Identity DATABASE = Identity.fromClaims("localhost", "database");

  private final Permissions open = new Permissions(new PublishRule.Open());

  @ParameterizedTest
  @EnumSource(names = "CREATE", mode = EnumSource.Mode.EXCLUDE)
  void onlyTheOwnerMay(Action action) {
    assertTrue(open.may(action, OWNER, OWNER));
    var refused =
        assertThrows(AuthFailure.class, () -> open.require(action, STRANGER, DATABASE, OWNER));
    assertEquals(403, refused.kind().status());
    assertEquals(
        "%s is not authorized to perform action on database %s: %s"
            .formatted(STRANGER.toHex(), DATABASE.toHex(), action.text()),
        refused.text());
  }

  @Test
  void publishingIsOpenOrForAList() {
    open.requireCreate(STRANGER, DATABASE);
    var listed = new Permissions(new PublishRule.AllowList(Set.of(OWNER)));
    listed.requireCreate(OWNER, DATABASE);
    var refused = assertThrows(AuthFailure.class, () -> listed.requireCreate(STRANGER, DATABASE));
    assertTrue(refused.text().endsWith(": create database"), refused.text());
    assertTrue(listed.may(Action.UPDATE, STRANGER, STRANGER), "owners update theirs");
  }

  @Test
  void inSqlTheOwnerMayAllAndOthersReadWhatIsPublic() {
    assertEquals(new Permissions.Sql(true, true, true, true), open.sql(OWNER, OWNER));
    assertEquals(new Permissions.Sql(false, false, false, false), open.sql(STRANGER, OWNER));
    assertTrue(open.seesPrivateFunctions(OWNER, OWNER));
    assertFalse(open.seesPrivateFunctions(STRANGER, OWNER));
  }

  @Test
  void theHeaderWinsOverTheParameter() {
    assertEquals(
        new Credentials.Bearer("h"), Credentials.read(Optional.of("Bearer h"), Optional.of("q")));
    assertEquals(
        new Credentials.Bearer("h"), Credentials.read(Optional.of("bearer  h "), Optional.empty()));
    assertEquals(new Credentials.Bearer("q"), Credentials.read(Optional.empty(), Optional.of("q")));
    assertEquals(new Credentials.None(), Credentials.read(Optional.empty(), Optional.empty()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Basic x", "", "Bearer", "Bearer ", "token", "Bearerx y"})
  void otherHeadersAreMalformed(String header) {
    var refused =
        assertThrows(
            AuthFailure.class, () -> Credentials.read(Optional.of(header), Optional.of("q")));
    assertEquals(400, refused.kind().status());
  }
}
