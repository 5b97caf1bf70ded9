package dev.dormouse.catalog;

import dev.dormouse.catalog.embedded.EmbeddedLimits;
import dev.dormouse.catalog.embedded.EmbeddedPostgres;
import dev.dormouse.catalog.embedded.PostgresStartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Hands tests one catalog on one embedded server, started once per test JVM. */
final class TestCatalog implements ParameterResolver {
  private static final ExtensionContext.Namespace SPACE =
      ExtensionContext.Namespace.create(TestCatalog.class);

  record Running(Path folder, EmbeddedPostgres server, CatalogServer address, Catalog catalog)
      implements AutoCloseable {
    static Running start(String key) {
      try {
        Path folder = Files.createTempDirectory("dormouse-catalog");
        var server = EmbeddedPostgres.start(folder, EmbeddedLimits.standard());
        var address = new CatalogServer(server.jdbcUrl(), server.user(), server.password());
        return new Running(
            folder, server, address, Catalog.open(address, CatalogLimits.standard()));
      } catch (IOException | PostgresStartException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() throws IOException {
      catalog.close();
      server.close();
      try (var all = Files.walk(folder)) {
        for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Running.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(SPACE)
        .computeIfAbsent("running", Running::start, Running.class);
  }
}
