package dev.dormouse.catalog;

/**
 * Which PostgreSQL holds the catalog.
 *
 * @param jdbcUrl {@code jdbc:postgresql://host:port/database}
 * @param username role that owns the schema
 * @param password its password
 */
public record CatalogServer(String jdbcUrl, String username, String password) {
  /** Keeps the password out of logs. */
  @Override
  public String toString() {
    return "CatalogServer[" + jdbcUrl + ", " + username + "]";
  }
}
