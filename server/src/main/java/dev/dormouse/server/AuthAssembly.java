package dev.dormouse.server;

import dev.dormouse.auth.AddressFilter;
import dev.dormouse.auth.AuthLimits;
import dev.dormouse.auth.IssuerKeys;
import dev.dormouse.auth.Permissions;
import dev.dormouse.auth.PublishRule;
import dev.dormouse.auth.PublishedKeys;
import dev.dormouse.auth.SigningKeys;
import dev.dormouse.auth.TokenIssuer;
import dev.dormouse.auth.TokenVerifier;
import dev.dormouse.auth.WebDocuments;
import dev.dormouse.runtimenode.http.Callers;
import dev.dormouse.runtimenode.http.HttpLimits;
import dev.dormouse.runtimenode.http.Workers;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Keys, tokens and permissions, from the data folder and the configuration. */
@Singleton
final class AuthAssembly {
  @Produces
  @Singleton
  AuthLimits authLimits() {
    return AuthLimits.standard();
  }

  @Produces
  @Singleton
  SigningKeys signingKeys(
      DataFolder folder, @ConfigProperty(name = "dormouse.keys") Optional<Path> configured)
      throws StartRefused {
    try {
      return SigningKeys.inFolder(configured.orElseGet(() -> folder.path().resolve("keys")));
    } catch (EngineException e) {
      throw new StartRefused(e.text());
    }
  }

  @Produces
  @Singleton
  TokenIssuer tokenIssuer(
      SigningKeys keys,
      AuthLimits limits,
      Drills drills,
      @ConfigProperty(name = "dormouse.issuer", defaultValue = "localhost") String issuer) {
    return new TokenIssuer(keys, issuer, limits, drills.clock(), UUID::randomUUID);
  }

  /**
   * Any issuer that can be reached is trusted for its own subjects, as the protocol has it. Private
   * addresses are off limits unless allowed: whoever sends a token chooses the host.
   */
  @Produces
  @Singleton
  IssuerKeys issuerKeys(
      Vertx vertx,
      StopSteps stopSteps,
      AuthLimits limits,
      PatientWorkers patient,
      @ConfigProperty(name = "dormouse.other-issuers", defaultValue = "public") String rule)
      throws StartRefused {
    AddressFilter filter =
        switch (rule) {
          case "public" -> AddressFilter.publicOnly();
          case "any" -> AddressFilter.any();
          case "none" -> address -> false;
          default ->
              throw new StartRefused(
                  "dormouse.other-issuers must be `public`, `any` or `none`, got `%s`"
                      .formatted(rule));
        };
    var documents =
        stopSteps.add(
            "issuer documents",
            new WebDocuments(vertx, WebDocuments.Resolver.system(), filter, limits));
    return new PublishedKeys(documents, limits, System::nanoTime, patient.workers());
  }

  @Produces
  @Singleton
  TokenVerifier tokenVerifier(
      SigningKeys keys, TokenIssuer issuer, IssuerKeys others, AuthLimits limits, Drills drills) {
    return new TokenVerifier(
        keys, issuer.issuer(), others, limits, drills.clock(), System::nanoTime);
  }

  @Produces
  @Singleton
  Callers callers(
      TokenVerifier verifier, TokenIssuer issuer, Workers workers, PatientWorkers patient) {
    return new Callers(verifier, issuer, workers, patient.workers());
  }

  /** Threads that may wait for other issuers. */
  record PatientWorkers(Workers workers) {}

  @Produces
  @Singleton
  PatientWorkers patientWorkers(StopSteps stopSteps, HttpLimits http, AuthLimits auth) {
    return new PatientWorkers(
        stopSteps.add("issuer threads", new Workers("issuer", http, auth.fetchesMax())));
  }

  @Produces
  @Singleton
  PublishRule publishRule(
      @ConfigProperty(name = "dormouse.publish", defaultValue = "open") String rule,
      @ConfigProperty(name = "dormouse.publishers") Optional<List<String>> publishers)
      throws StartRefused {
    return switch (rule) {
      case "open" -> new PublishRule.Open();
      case "allow-list" -> allowList(publishers.orElse(List.of()));
      default ->
          throw new StartRefused(
              "dormouse.publish must be `open` or `allow-list`, got `%s`".formatted(rule));
    };
  }

  private static PublishRule allowList(List<String> publishers) throws StartRefused {
    try {
      return new PublishRule.AllowList(
          publishers.stream().map(Identity::fromHex).collect(Collectors.toSet()));
    } catch (DecodeException e) {
      throw new StartRefused(
          "dormouse.publishers must list identities of 64 hex digits: " + e.text());
    }
  }

  @Produces
  @Singleton
  Permissions permissions(PublishRule rule) {
    return new Permissions(rule);
  }
}
