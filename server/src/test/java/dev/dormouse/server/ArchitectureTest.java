package dev.dormouse.server;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The table of modules: who may use whom. Maven's compile scope is transitive, so a dependency that
 * the table forbids would compile; here it fails. A module without classes yet passes.
 */
final class ArchitectureTest {
  private static final List<String> SATS = List.of("sats");
  private static final List<String> DATASTORE = List.of("sats", "datastore");
  private static final List<String> DATABASE =
      List.of("sats", "commitlog", "datastore", "snapshot", "query", "subscription", "modulehost");
  private static final List<String> RESIDENCE =
      List.of(
          "sats",
          "commitlog",
          "datastore",
          "snapshot",
          "query",
          "subscription",
          "modulehost",
          "database");

  /** Package below {@code dev.dormouse} to the packages it may use, itself apart. */
  private static final Map<String, List<String>> MAY_USE =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("sats", List.of()),
              Map.entry("commitlog", SATS),
              Map.entry("datastore", SATS),
              Map.entry("snapshot", DATASTORE),
              Map.entry("query", DATASTORE),
              Map.entry("subscription", List.of("sats", "datastore", "query")),
              Map.entry("modulehost", SATS),
              Map.entry("database", DATABASE),
              Map.entry("residence", RESIDENCE),
              Map.entry("protocol", SATS),
              Map.entry("auth", SATS),
              Map.entry("catalog", List.of("sats", "auth", "commitlog", "database", "residence")),
              Map.entry(
                  "snapshotstore",
                  List.of("sats", "commitlog", "snapshot", "residence", "catalog")),
              Map.entry("scheduler", List.of("sats", "catalog")),
              Map.entry(
                  "runtimenode",
                  List.of(
                      "sats",
                      "commitlog",
                      "datastore",
                      "snapshot",
                      "query",
                      "subscription",
                      "modulehost",
                      "database",
                      "residence",
                      "protocol",
                      "auth",
                      "catalog",
                      "snapshotstore",
                      "scheduler")),
              Map.entry("platformapi", List.of("sats", "auth", "catalog", "snapshotstore"))));

  /** Folder {@code engine/}: plain Java that is handed its world. */
  private static final String[] ENGINE =
      packages(
          List.of(
              "sats",
              "commitlog",
              "datastore",
              "snapshot",
              "query",
              "subscription",
              "modulehost",
              "database",
              "residence"));

  private static JavaClasses dormouse;

  @BeforeAll
  static void read() {
    dormouse =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.dormouse");
    assertTrue(dormouse.size() > 20, "only " + dormouse.size() + " classes were found");
  }

  @TestFactory
  List<DynamicTest> modulesUseOnlyWhatTheTableNames() {
    var tests = new ArrayList<DynamicTest>();
    MAY_USE.forEach(
        (module, allowed) -> {
          var own = new ArrayList<>(allowed);
          own.add(module);
          tests.add(
              DynamicTest.dynamicTest(
                  module,
                  () ->
                      classes()
                          .that()
                          .resideInAnyPackage(packages(List.of(module)))
                          .should()
                          .onlyDependOnClassesThat(
                              resideOutsideOfPackages("dev.dormouse..")
                                  .or(resideInAnyPackage(packages(own))))
                          .allowEmptyShould(true)
                          .check(dormouse)));
        });
    return tests;
  }

  @Test
  void everyModuleIsInTheTable() {
    classes()
        .should()
        .resideInAnyPackage(
            packages(
                java.util.stream.Stream.concat(
                        MAY_USE.keySet().stream(), java.util.stream.Stream.of("server"))
                    .toList()))
        .check(dormouse);
  }

  @Test
  void theEngineKnowsNoFramework() {
    noClasses()
        .that()
        .resideInAnyPackage(ENGINE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.quarkus..",
            "io.vertx..",
            "io.smallrye..",
            "io.netty..",
            "jakarta..",
            "org.eclipse.microprofile..",
            "org.jboss..",
            "java.sql..",
            "javax.sql..",
            "java.net..")
        .allowEmptyShould(true)
        .check(dormouse);
  }

  @Test
  void theEngineIsHandedClockRandomnessAndThreads() {
    noClasses()
        .that()
        .resideInAnyPackage(ENGINE)
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(Clock.class, "systemUTC")
        .orShould()
        .callMethod(UUID.class, "randomUUID")
        .orShould()
        .callMethod(Math.class, "random")
        .orShould()
        .callConstructor(Random.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(java.security.SecureRandom.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Executors.class)
        .orShould()
        .callMethod(Thread.class, "start")
        .orShould()
        .callMethod(Thread.class, "startVirtualThread", Runnable.class)
        .allowEmptyShould(true)
        .check(dormouse);
  }

  /** Files are touched behind storage seams only; the log's own file store is the one in it. */
  @Test
  void theEngineReadsNoFilesOutsideStorageSeams() {
    noClasses()
        .that()
        .resideInAnyPackage(ENGINE)
        .and()
        .resideOutsideOfPackages("dev.dormouse.commitlog..")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.nio.file.Files")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.nio.channels.FileChannel")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.io.File")
        .allowEmptyShould(true)
        .check(dormouse);
  }

  @Test
  void onlyTheModuleHostKnowsWasm() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.dormouse.modulehost..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("com.dylibso.chicory..", "run.endive..")
        .check(dormouse);
  }

  private static String[] packages(List<String> modules) {
    return modules.stream().map(module -> "dev.dormouse." + module + "..").toArray(String[]::new);
  }
}
