package dev.dormouse.server;

import dev.dormouse.residence.ResidenceLimits;
import dev.dormouse.residence.Retention;
import dev.dormouse.runtimenode.engine.EngineLimits;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** What the configuration says of how long things stay in the stores. */
@Singleton
final class RetentionSettings {
  private static final ResidenceLimits.Retention STANDARD = ResidenceLimits.Retention.STANDARD;

  private final ResidenceLimits.Retention limits;
  private final Duration every;
  private final Retention.Mode mode;

  RetentionSettings(
      @ConfigProperty(name = "dormouse.retention.dry-run") Optional<Boolean> dryRun,
      @ConfigProperty(name = "dormouse.retention.every") Optional<Duration> every,
      @ConfigProperty(name = "dormouse.retention.window") Optional<Duration> window,
      @ConfigProperty(name = "dormouse.retention.grace") Optional<Duration> grace,
      @ConfigProperty(name = "dormouse.retention.programs") Optional<Duration> programs) {
    this.limits =
        new ResidenceLimits.Retention(
            STANDARD.snapshotsKept(),
            window.orElse(STANDARD.restoreWindow()),
            STANDARD.snapshotSpacing(),
            grace.orElse(STANDARD.grace()),
            programs.orElse(STANDARD.programGrace()),
            STANDARD.batch());
    this.every = every.orElse(EngineLimits.STANDARD.retention());
    this.mode = dryRun.orElse(false) ? Retention.Mode.DRY_RUN : Retention.Mode.REMOVE;
  }

  ResidenceLimits.Retention limits() {
    return limits;
  }

  Duration every() {
    return every;
  }

  Retention.Mode mode() {
    return mode;
  }
}
