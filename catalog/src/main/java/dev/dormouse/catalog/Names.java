package dev.dormouse.catalog;

import dev.dormouse.sats.Identity;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Names of databases and who owns their namespaces. Every method is one transaction and blocks.
 * Source: spec http-api §5.7, auth §6.3.
 */
public final class Names {
  private final Transactions transactions;

  Names(Transactions transactions) {
    this.transactions = transactions;
  }

  /** What is behind a name; the identity of a deleted database too. */
  public Optional<NamedDatabase> resolve(DomainName name) {
    return transactions.read(sql -> Databases.named(sql, name));
  }

  /** The names of a database, oldest first. */
  public List<DomainName> of(Identity database) {
    return transactions.run(
        sql ->
            sql.list(
                "SELECT name FROM names WHERE database = ? ORDER BY created_at, name",
                row -> new DomainName(row.getString("name")),
                database));
  }

  /** Who owns the namespace of a name. */
  public Optional<Identity> namespaceOwner(DomainName name) {
    return transactions.run(
        sql ->
            sql.first(
                "SELECT owner FROM namespaces WHERE tld = ?",
                row -> Databases.identity(row, "owner"),
                name.namespace()));
  }

  /** Adds a name; a namespace that nobody owns becomes the caller's. */
  public NameOutcome add(Identity database, DomainName name, Identity caller) {
    return transactions.run(
        sql -> {
          if (!exists(sql, database)) {
            return new NameOutcome.NoSuchDatabase();
          }
          if (!claimNamespace(sql, name, caller)) {
            throw Transactions.undo(new NameOutcome.NamespaceTaken(List.of(name)));
          }
          if (!insert(sql, name, database)) {
            throw Transactions.undo(new NameOutcome.NameTaken(name));
          }
          return new NameOutcome.Named();
        });
  }

  /** Replaces all names; none removes all. A name in use, by this database too, is refused. */
  public NameOutcome replace(Identity database, List<DomainName> names, Identity caller) {
    return transactions.run(
        sql -> {
          if (!exists(sql, database)) {
            return new NameOutcome.NoSuchDatabase();
          }
          var taken = new ArrayList<DomainName>();
          for (DomainName name :
              new TreeSet<>(names)) { // in one order, so that none wait in a ring
            if (!claimNamespace(sql, name, caller)) {
              taken.add(name);
            }
          }
          if (!taken.isEmpty()) {
            throw Transactions.undo(new NameOutcome.NamespaceTaken(taken));
          }
          List<DomainName> previous =
              sql.list(
                  "SELECT name FROM names WHERE database = ? FOR UPDATE",
                  row -> new DomainName(row.getString("name")),
                  database);
          for (DomainName name : new TreeSet<>(names)) {
            if (!insert(sql, name, database)) {
              throw Transactions.undo(new NameOutcome.NameTaken(name));
            }
          }
          for (DomainName name : previous) {
            sql.update("DELETE FROM names WHERE name = ?", name);
          }
          return new NameOutcome.Named();
        });
  }

  /** Whether the namespace is the caller's now; one that nobody owned is registered. */
  static boolean claimNamespace(Statements sql, DomainName name, Identity caller)
      throws SQLException {
    sql.update(
        "INSERT INTO namespaces (tld, owner) VALUES (?, ?) ON CONFLICT (tld) DO NOTHING",
        name.namespace(),
        caller);
    return sql.first(
            "SELECT owner FROM namespaces WHERE tld = ?",
            row -> Databases.identity(row, "owner"),
            name.namespace())
        .filter(caller::equals)
        .isPresent();
  }

  /** Registers a name if it is free; returns whose it is. */
  static Identity claim(Statements sql, DomainName name, Identity database) throws SQLException {
    insert(sql, name, database);
    return sql.first(
            "SELECT database FROM names WHERE name = ?",
            row -> Databases.identity(row, "database"),
            name)
        .orElse(database);
  }

  private static boolean insert(Statements sql, DomainName name, Identity database)
      throws SQLException {
    return sql.update(
            """
            INSERT INTO names (name, tld, database) VALUES (?, ?, ?)
                ON CONFLICT (name) DO NOTHING
            """,
            name,
            name.namespace(),
            database)
        == 1;
  }

  private static boolean exists(Statements sql, Identity database) throws SQLException {
    return sql.first(
            "SELECT 1 FROM databases WHERE identity = ? AND state <> 'deleted' FOR UPDATE",
            row -> row.getInt(1),
            database)
        .isPresent();
  }
}
