package dev.dormouse.sats.module;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicType.Ref;
import dev.dormouse.sats.AlgebraicType.Sum;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.TypeCodec;
import dev.dormouse.sats.Typespace;
import java.util.ArrayList;
import java.util.List;

/**
 * The types of definitions themselves, so that a definition is a SATS value and has SATS-JSON.
 *
 * <p>Source: spec data-model §6, since-2.8 §3.
 */
final class DefinitionTypes {
  /**
   * Deepest nesting of a definition as a value: seven levels for one of a type in a type, six for
   * one of a submodule, and what stands around them.
   */
  static final int DEPTH_MAX = 8 * (TypeCodec.DEPTH_MAX + 64);

  /** The type of types. */
  static final Ref TYPE = new Ref(0);

  /** The type of a V10 definition. */
  static final Ref V10 = new Ref(5);

  /** The type of a V9 definition. */
  static final Ref V9 = new Ref(7);

  private static final Ref SUM_TYPE = new Ref(1);
  private static final Ref PRODUCT_TYPE = new Ref(2);
  private static final Ref MEMBER = new Ref(3);
  private static final Ref TYPESPACE_TYPE = new Ref(4);
  private static final Ref SECTION = new Ref(6);

  private static final AlgebraicType STRING = Primitive.STRING;
  private static final AlgebraicType OPTIONAL_STRING = AlgebraicType.option(STRING);
  private static final AlgebraicType OPTIONAL_I128 = AlgebraicType.option(Primitive.I128);
  private static final AlgebraicType COLUMNS = new Array(Primitive.U16);
  private static final AlgebraicType LIFECYCLE = plainEnum("Init", "OnConnect", "OnDisconnect");
  private static final AlgebraicType VISIBILITY = plainEnum("Private", "ClientCallable");

  private static final Member PARAMS = Member.of("params", PRODUCT_TYPE);
  private static final Member RETURN_TYPE = Member.of("return_type", TYPE);
  private static final Member VISIBILITY_MEMBER = Member.of("visibility", VISIBILITY);

  private static final AlgebraicType RULES = list(Member.of("sql", STRING));

  /** Where the references of the types point. */
  static final Typespace TYPESPACE =
      new Typespace(
          List.of(
              typeOfTypes(),
              AlgebraicType.product(Member.of("variants", new Array(MEMBER))),
              AlgebraicType.product(Member.of("elements", new Array(MEMBER))),
              AlgebraicType.product(
                  Member.of("name", OPTIONAL_STRING), Member.of("algebraic_type", TYPE)),
              AlgebraicType.product(Member.of("types", new Array(TYPE))),
              AlgebraicType.product(Member.of("sections", new Array(SECTION))),
              section(),
              v9()));

  private DefinitionTypes() {}

  private static Sum plainEnum(String... names) {
    return new Sum(List.of(names).stream().map(n -> Member.of(n, AlgebraicType.UNIT)).toList());
  }

  private static Array list(Member... members) {
    return new Array(AlgebraicType.product(members));
  }

  private static Member string(String name) {
    return Member.of(name, STRING);
  }

  private static Member bool(String name) {
    return Member.of(name, Primitive.BOOL);
  }

  private static Member u16(String name) {
    return Member.of(name, Primitive.U16);
  }

  private static Member u32(String name) {
    return Member.of(name, Primitive.U32);
  }

  private static Sum typeOfTypes() {
    List<Member> variants = new ArrayList<>();
    variants.add(u32("Ref"));
    variants.add(Member.of("Sum", SUM_TYPE));
    variants.add(Member.of("Product", PRODUCT_TYPE));
    variants.add(Member.of("Array", TYPE));
    for (Primitive primitive : Primitive.values()) {
      variants.add(Member.of(primitive.display(), AlgebraicType.UNIT));
    }
    return new Sum(variants);
  }

  private static Member indexes(String nameField) {
    Sum algorithm =
        new Sum(List.of(Member.of("BTree", COLUMNS), Member.of("Hash", COLUMNS), u16("Direct")));
    return Member.of(
        "indexes",
        list(
            Member.of(nameField, OPTIONAL_STRING),
            Member.of("accessor_name", OPTIONAL_STRING),
            Member.of("algorithm", algorithm)));
  }

  private static Member constraints(String nameField) {
    Sum data =
        new Sum(List.of(Member.of("Unique", AlgebraicType.product(Member.of("columns", COLUMNS)))));
    return Member.of(
        "constraints", list(Member.of(nameField, OPTIONAL_STRING), Member.of("data", data)));
  }

  private static Member sequences(String nameField) {
    return Member.of(
        "sequences",
        list(
            Member.of(nameField, OPTIONAL_STRING),
            u16("column"),
            Member.of("start", OPTIONAL_I128),
            Member.of("min_value", OPTIONAL_I128),
            Member.of("max_value", OPTIONAL_I128),
            Member.of("increment", Primitive.I128)));
  }

  private static Member types(String nameField) {
    return Member.of(
        "types",
        list(
            Member.of(
                nameField,
                AlgebraicType.product(Member.of("scope", new Array(STRING)), string(nameField))),
            u32("ty"),
            bool("custom_ordering")));
  }

  private static Product view(String nameField) {
    return AlgebraicType.product(
        string(nameField),
        u32("index"),
        bool("is_public"),
        bool("is_anonymous"),
        PARAMS,
        RETURN_TYPE);
  }

  private static Member tableType() {
    return Member.of("table_type", plainEnum("System", "User"));
  }

  private static Member tableAccess() {
    return Member.of("table_access", plainEnum("Public", "Private"));
  }

  private static Product v9() {
    Product schedule =
        AlgebraicType.product(
            Member.of("name", OPTIONAL_STRING), string("reducer_name"), u16("scheduled_at_column"));
    Product columnDefault =
        AlgebraicType.product(
            string("table"), u16("col_id"), Member.of("value", AlgebraicType.BYTES));
    Sum misc =
        new Sum(
            List.of(
                Member.of("ColumnDefaultValue", columnDefault),
                Member.of("Procedure", AlgebraicType.product(string("name"), PARAMS, RETURN_TYPE)),
                Member.of("View", view("name"))));
    return AlgebraicType.product(
        Member.of("typespace", TYPESPACE_TYPE),
        Member.of(
            "tables",
            list(
                string("name"),
                u32("product_type_ref"),
                Member.of("primary_key", COLUMNS),
                indexes("name"),
                constraints("name"),
                sequences("name"),
                Member.of("schedule", AlgebraicType.option(schedule)),
                tableType(),
                tableAccess())),
        Member.of(
            "reducers",
            list(string("name"), PARAMS, Member.of("lifecycle", AlgebraicType.option(LIFECYCLE)))),
        types("name"),
        Member.of("misc_exports", new Array(misc)),
        Member.of("row_level_security", RULES));
  }

  private static Sum section() {
    return new Sum(
        List.of(
            Member.of("Typespace", TYPESPACE_TYPE),
            Member.of("Types", types("source_name").type()),
            Member.of("Tables", tablesV10()),
            Member.of(
                "Reducers",
                list(
                    string("source_name"),
                    PARAMS,
                    VISIBILITY_MEMBER,
                    Member.of("ok_return_type", TYPE),
                    Member.of("err_return_type", TYPE))),
            Member.of(
                "Procedures", list(string("source_name"), PARAMS, RETURN_TYPE, VISIBILITY_MEMBER)),
            Member.of("Views", new Array(view("source_name"))),
            Member.of(
                "Schedules",
                list(
                    Member.of("source_name", OPTIONAL_STRING),
                    string("table_name"),
                    u16("schedule_at_col"),
                    string("function_name"))),
            Member.of(
                "LifeCycleReducers",
                list(Member.of("lifecycle_spec", LIFECYCLE), string("function_name"))),
            Member.of("RowLevelSecurity", RULES),
            Member.of("CaseConversionPolicy", plainEnum("None", "SnakeCase")),
            Member.of("ExplicitNames", explicitNames()),
            Member.of("HttpHandlers", list(string("source_name"))),
            Member.of("HttpRoutes", httpRoutes()),
            Member.of(
                "ViewPrimaryKeys",
                list(string("view_source_name"), Member.of("columns", new Array(STRING)))),
            Member.of("Submodules", list(string("namespace"), Member.of("module", V10))),
            Member.of("Environment", environment()),
            Member.of("Outboxes", outboxes())));
  }

  private static Array tablesV10() {
    return list(
        string("source_name"),
        u32("product_type_ref"),
        Member.of("primary_key", COLUMNS),
        indexes("source_name"),
        constraints("source_name"),
        sequences("source_name"),
        tableType(),
        tableAccess(),
        Member.of("default_values", list(u16("col_id"), Member.of("value", AlgebraicType.BYTES))),
        bool("is_event"));
  }

  private static Product explicitNames() {
    Product names = AlgebraicType.product(string("source_name"), string("canonical_name"));
    return AlgebraicType.product(
        Member.of(
            "entries",
            new Array(
                new Sum(
                    List.of(
                        Member.of("Table", names),
                        Member.of("Function", names),
                        Member.of("Index", names),
                        Member.of("Namespace", names))))));
  }

  private static Array httpRoutes() {
    List<Member> methods = new ArrayList<>();
    for (HttpMethod.Verb verb : HttpMethod.Verb.values()) {
      methods.add(Member.of(verb.display(), AlgebraicType.UNIT));
    }
    methods.add(string("Extension"));
    Sum methodOrAny =
        new Sum(
            List.of(Member.of("Any", AlgebraicType.UNIT), Member.of("Method", new Sum(methods))));
    return list(string("handler_function"), Member.of("method", methodOrAny), string("path"));
  }

  private static Array environment() {
    Sum type =
        new Sum(
            List.of(
                Member.of("String", AlgebraicType.UNIT),
                string("StringLiteral"),
                Member.of("Union", new Array(STRING))));
    return list(string("name"), Member.of("ty", type), bool("optional"));
  }

  private static Array outboxes() {
    return list(
        string("table_name"),
        string("remote_reducer"),
        u16("target_column"),
        Member.of("arg_columns", COLUMNS),
        Member.of("on_result_reducer", OPTIONAL_STRING),
        // A hash is a U256, so its JSON is one number. Source: data-model §5.1.
        Member.of("signature_hash", Primitive.U256));
  }
}
