package dev.dormouse.database;

import dev.dormouse.sats.EngineException;
import java.util.Optional;

/** Says whether new commits may be made. Asked on lanes, for every request; must not block. */
@FunctionalInterface
public interface WriteAdmission {
  /** They always may. */
  WriteAdmission ALWAYS = Optional::empty;

  /** Why no new commits may be made now; empty if they may. */
  Optional<EngineException> refusal();
}
