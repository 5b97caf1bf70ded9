package dev.dormouse.datastore;

import dev.dormouse.datastore.TableSchema.ColumnSchema;
import dev.dormouse.datastore.TableSchema.ConstraintSchema;
import dev.dormouse.datastore.TableSchema.SequenceSchema;
import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Sum;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.SpecialType;
import dev.dormouse.sats.module.IndexAlgorithm;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The 26 tables every database has. Their schemas are shared by all databases.
 *
 * <p>Source: spec host-semantics §7, since-2.8 §4.1.
 */
public final class SystemTables {
  public static final int ST_TABLE = 1;
  public static final int ST_COLUMN = 2;
  public static final int ST_SEQUENCE = 3;
  public static final int ST_INDEX = 4;
  public static final int ST_CONSTRAINT = 5;

  /**
   * One row: the database's program. Its {@code program_bytes} are stored empty, for the program is
   * kept as an artefact under its hash; whoever shows the column puts the bytes in.
   */
  public static final int ST_MODULE = 6;

  /** Position of {@code st_module.program_bytes}. */
  public static final int PROGRAM_BYTES_COLUMN = 4;

  public static final int ST_CLIENT = 7;
  public static final int ST_VAR = 8;
  public static final int ST_SCHEDULED = 9;
  public static final int ST_ROW_LEVEL_SECURITY = 10;
  public static final int ST_CONNECTION_CREDENTIALS = 11;
  public static final int ST_VIEW = 12;
  public static final int ST_VIEW_PARAM = 13;
  public static final int ST_VIEW_COLUMN = 14;
  public static final int ST_VIEW_SUB = 15;
  public static final int ST_VIEW_ARG = 16;
  public static final int ST_EVENT_TABLE = 17;
  public static final int ST_TABLE_ACCESSOR = 18;
  public static final int ST_INDEX_ACCESSOR = 19;
  public static final int ST_COLUMN_ACCESSOR = 20;
  public static final int ST_ENV = 21;
  public static final int ST_OUTBOUND_STREAM = 22;
  public static final int ST_OUTBOUND_MSG = 23;
  public static final int ST_INBOUND_STREAM = 24;
  public static final int ST_INBOUND_MSG = 25;
  public static final int ST_OUTBOX = 26;

  /** The first id of objects that are not the system's own. */
  public static final int FIRST_USER_ID = 4096;

  /** Sequence of table ids. */
  static final int TABLE_IDS = 1;

  static final int INDEX_IDS = 2;
  static final int CONSTRAINT_IDS = 3;
  static final int SCHEDULE_IDS = 4;
  static final int SEQUENCE_IDS = 5;
  static final int VIEW_IDS = 6;

  /** How an index finds rows, in a row of {@code st_index}. */
  static final Sum ALGORITHM =
      new Sum(
          List.of(
              Member.of("Unused", Primitive.U128),
              Member.of("BTree", new Array(Primitive.U16)),
              Member.of("Direct", Primitive.U16),
              Member.of("Hash", new Array(Primitive.U16))));

  /** What a constraint demands, in a row of {@code st_constraint}. */
  static final Sum CONSTRAINT =
      new Sum(
          List.of(
              Member.of("Unused", Primitive.U128), Member.of("Unique", new Array(Primitive.U16))));

  private static final Sum VARIABLE =
      new Sum(
          List.of(
              Member.of("Bool", Primitive.BOOL),
              Member.of("I8", Primitive.I8),
              Member.of("U8", Primitive.U8),
              Member.of("I16", Primitive.I16),
              Member.of("U16", Primitive.U16),
              Member.of("I32", Primitive.I32),
              Member.of("U32", Primitive.U32),
              Member.of("I64", Primitive.I64),
              Member.of("U64", Primitive.U64),
              Member.of("I128", Primitive.I128),
              Member.of("U128", Primitive.U128),
              Member.of("F32", Primitive.F32),
              Member.of("F64", Primitive.F64),
              Member.of("String", Primitive.STRING)));

  /** All, in ascending order of ids. */
  static final List<TableSchema> ALL = all();

  private SystemTables() {}

  /** The schemas, in ascending order of ids. */
  public static List<TableSchema> schemas() {
    return ALL;
  }

  /** Whether a change of this table's rows may change what tables there are. */
  static boolean bearsSchema(int tableId) {
    return switch (tableId) {
      case ST_TABLE,
          ST_COLUMN,
          ST_SEQUENCE,
          ST_INDEX,
          ST_CONSTRAINT,
          ST_SCHEDULED,
          ST_VIEW,
          ST_EVENT_TABLE,
          ST_TABLE_ACCESSOR,
          ST_INDEX_ACCESSOR,
          ST_COLUMN_ACCESSOR ->
          true;
      default -> false;
    };
  }

  private static List<TableSchema> all() {
    AlgebraicType identity = SpecialType.IDENTITY.type();
    AlgebraicType connection = SpecialType.CONNECTION_ID.type();
    AlgebraicType bytes = AlgebraicType.BYTES;
    AlgebraicType u8 = Primitive.U8;
    AlgebraicType u16 = Primitive.U16;
    AlgebraicType u32 = Primitive.U32;
    AlgebraicType u64 = Primitive.U64;
    AlgebraicType i128 = Primitive.I128;
    AlgebraicType text = Primitive.STRING;
    AlgebraicType bool = Primitive.BOOL;
    return List.of(
        new Draft(ST_TABLE, "st_table")
            .column("table_id", u32)
            .column("table_name", text)
            .column("table_type", text)
            .column("table_access", text)
            .column("table_primary_key", AlgebraicType.option(new Array(u16)))
            .primaryKey("table_id")
            .unique(1, 1, "table_id")
            .unique(2, 2, "table_name")
            .sequence(TABLE_IDS, "table_id")
            .build(),
        new Draft(ST_COLUMN, "st_column")
            .column("table_id", u32)
            .column("col_pos", u16)
            .column("col_name", text)
            .column("col_type", bytes)
            .unique(3, 3, "table_id", "col_pos")
            .build(),
        new Draft(ST_SEQUENCE, "st_sequence")
            .column("sequence_id", u32)
            .column("sequence_name", text)
            .column("table_id", u32)
            .column("col_pos", u16)
            .column("increment", i128)
            .column("start", i128)
            .column("min_value", i128)
            .column("max_value", i128)
            .column("allocated", i128)
            .primaryKey("sequence_id")
            .unique(4, 4, "sequence_id")
            .sequence(SEQUENCE_IDS, "sequence_id")
            .build(),
        new Draft(ST_INDEX, "st_index")
            .column("index_id", u32)
            .column("table_id", u32)
            .column("index_name", text)
            .column("index_algorithm", ALGORITHM)
            .primaryKey("index_id")
            .unique(5, 5, "index_id")
            .sequence(INDEX_IDS, "index_id")
            .build(),
        new Draft(ST_CONSTRAINT, "st_constraint")
            .column("constraint_id", u32)
            .column("constraint_name", text)
            .column("table_id", u32)
            .column("constraint_data", CONSTRAINT)
            .primaryKey("constraint_id")
            .unique(6, 6, "constraint_id")
            .sequence(CONSTRAINT_IDS, "constraint_id")
            .build(),
        new Draft(ST_MODULE, "st_module")
            .column("database_identity", identity)
            .column("owner_identity", identity)
            .column("program_kind", u8)
            .column("program_hash", Primitive.U256)
            .column("program_bytes", bytes)
            .column("module_version", text)
            .build(),
        new Draft(ST_CLIENT, "st_client")
            .column("identity", identity)
            .column("connection_id", connection)
            .unique(7, 7, "identity", "connection_id")
            .build(),
        new Draft(ST_VAR, "st_var")
            .column("name", text)
            .column("value", VARIABLE)
            .primaryKey("name")
            .unique(8, 8, "name")
            .build(),
        new Draft(ST_SCHEDULED, "st_scheduled")
            .column("schedule_id", u32)
            .column("table_id", u32)
            .column("reducer_name", text)
            .column("schedule_name", text)
            .column("at_column", u16)
            .primaryKey("schedule_id")
            .unique(9, 9, "schedule_id")
            .unique(10, 10, "table_id")
            .sequence(SCHEDULE_IDS, "schedule_id")
            .build(),
        new Draft(ST_ROW_LEVEL_SECURITY, "st_row_level_security")
            .column("table_id", u32)
            .column("sql", text)
            .primaryKey("sql")
            .index(11, "table_id")
            .unique(12, 11, "sql")
            .build(),
        new Draft(ST_CONNECTION_CREDENTIALS, "st_connection_credentials")
            .notPublic()
            .column("connection_id", connection)
            .column("jwt_payload", text)
            .primaryKey("connection_id")
            .unique(13, 12, "connection_id")
            .build(),
        new Draft(ST_VIEW, "st_view")
            .column("view_id", u32)
            .column("view_name", text)
            .column("table_id", AlgebraicType.option(u32))
            .column("is_public", bool)
            .column("is_anonymous", bool)
            .primaryKey("view_id")
            .unique(14, 13, "view_id")
            .unique(15, 14, "view_name")
            .sequence(VIEW_IDS, "view_id")
            .build(),
        new Draft(ST_VIEW_PARAM, "st_view_param")
            .column("view_id", u32)
            .column("param_pos", u16)
            .column("param_name", text)
            .column("param_type", bytes)
            .unique(16, 15, "view_id", "param_pos")
            .build(),
        new Draft(ST_VIEW_COLUMN, "st_view_column")
            .column("view_id", u32)
            .column("col_pos", u16)
            .column("col_name", text)
            .column("col_type", bytes)
            .unique(17, 16, "view_id", "col_pos")
            .build(),
        new Draft(ST_VIEW_SUB, "st_view_sub")
            .column("view_id", u32)
            .column("arg_id", u64)
            .column("identity", identity)
            .column("num_subscribers", u64)
            .column("has_subscribers", bool)
            .column("last_called", Primitive.I64)
            .index(18, "identity")
            .index(19, "has_subscribers")
            .index(20, "view_id", "arg_id", "identity")
            .build(),
        new Draft(ST_VIEW_ARG, "st_view_arg")
            .column("id", u64)
            .column("bytes", bytes)
            .primaryKey("id")
            .unique(21, 17, "id")
            .unique(22, 18, "bytes")
            .sequence(7, "id")
            .build(),
        new Draft(ST_EVENT_TABLE, "st_event_table")
            .column("table_id", u32)
            .primaryKey("table_id")
            .unique(23, 19, "table_id")
            .build(),
        new Draft(ST_TABLE_ACCESSOR, "st_table_accessor")
            .column("table_name", text)
            .column("accessor_name", text)
            .unique(24, 20, "table_name")
            .unique(25, 21, "accessor_name")
            .build(),
        new Draft(ST_INDEX_ACCESSOR, "st_index_accessor")
            .column("index_name", text)
            .column("accessor_name", text)
            .unique(26, 22, "index_name")
            .unique(27, 23, "accessor_name")
            .build(),
        new Draft(ST_COLUMN_ACCESSOR, "st_column_accessor")
            .column("table_name", text)
            .column("col_name", text)
            .column("accessor_name", text)
            .unique(28, 24, "table_name", "col_name")
            .unique(29, 25, "table_name", "accessor_name")
            .build(),
        new Draft(ST_ENV, "st_env")
            .notPublic()
            .column("key", text)
            .column("value", text)
            .primaryKey("key")
            .unique(30, 26, "key")
            .build(),
        new Draft(ST_OUTBOUND_STREAM, "st_outbound_stream")
            .notPublic()
            .column("stream_id", u64)
            .column("outbox_table_id", u32)
            .column("target_identity", identity)
            .column("next_seq", u64)
            .column("ack_prefix", u64)
            .primaryKey("stream_id")
            .unique(31, 27, "stream_id")
            .unique(32, 28, "outbox_table_id", "target_identity")
            .sequence(8, "stream_id")
            .build(),
        new Draft(ST_OUTBOUND_MSG, "st_outbound_msg")
            .notPublic()
            .column("stream_id", u64)
            .column("msg_id", u64)
            .column("seq", u64)
            .column("retry_count", u32)
            .column("last_transport_error", AlgebraicType.option(text))
            .column("result_status", AlgebraicType.option(u8))
            .column("result_payload", AlgebraicType.option(bytes))
            .unique(33, 29, "stream_id", "seq")
            .unique(36, 32, "stream_id", "msg_id")
            .build(),
        new Draft(ST_INBOUND_STREAM, "st_inbound_stream")
            .notPublic()
            .column("sender_identity", identity)
            .column("stream_id", u64)
            .column("applied_prefix", u64)
            .unique(34, 30, "sender_identity", "stream_id")
            .build(),
        new Draft(ST_INBOUND_MSG, "st_inbound_msg")
            .notPublic()
            .column("sender_identity", identity)
            .column("stream_id", u64)
            .column("seq", u64)
            .column("result_status", u8)
            .column("result_payload", bytes)
            .unique(35, 31, "sender_identity", "stream_id", "seq")
            .build(),
        new Draft(ST_OUTBOX, "st_outbox")
            .notPublic()
            .column("table_id", u32)
            .column("remote_reducer", text)
            .column("target_column", u16)
            .column("arg_columns", new Array(u16))
            .column("on_result_reducer", AlgebraicType.option(text))
            .column("signature_hash", text)
            .primaryKey("table_id")
            .unique(37, 33, "table_id")
            .build());
  }

  /** A schema being written down. */
  private static final class Draft {
    private final int id;
    private final String name;
    private boolean isPublic = true;
    private final List<ColumnSchema> columns = new ArrayList<>();
    private final Map<String, Integer> positions = new HashMap<>();
    private OptionalInt primaryKey = OptionalInt.empty();
    private final List<IndexSchema> indexes = new ArrayList<>();
    private final List<ConstraintSchema> constraints = new ArrayList<>();
    private final List<SequenceSchema> sequences = new ArrayList<>();

    Draft(int id, String name) {
      this.id = id;
      this.name = name;
    }

    Draft notPublic() {
      isPublic = false;
      return this;
    }

    Draft column(String column, AlgebraicType type) {
      positions.put(column, columns.size());
      columns.add(new ColumnSchema(column, column, type));
      return this;
    }

    Draft primaryKey(String column) {
      primaryKey = OptionalInt.of(position(column));
      return this;
    }

    private int position(String column) {
      Integer position = positions.get(column);
      if (position == null) {
        throw new IllegalStateException(name + " has no column " + column);
      }
      return position;
    }

    private Draft index(int indexId, boolean unique, List<String> keyColumns) {
      String indexName = name + "_" + String.join("_", keyColumns) + "_idx_btree";
      List<Integer> key = keyColumns.stream().map(this::position).toList();
      indexes.add(
          new IndexSchema(
              indexId, id, indexName, indexName, new IndexAlgorithm.BTree(key), unique));
      return this;
    }

    Draft index(int indexId, String... keyColumns) {
      return index(indexId, false, List.of(keyColumns));
    }

    Draft unique(int indexId, int constraintId, String... keyColumns) {
      constraints.add(
          new ConstraintSchema(
              constraintId,
              name + "_" + String.join("_", keyColumns) + "_key",
              List.of(keyColumns).stream().map(this::position).toList()));
      return index(indexId, true, List.of(keyColumns));
    }

    Draft sequence(int sequenceId, String column) {
      sequences.add(new SequenceSchema(sequenceId, name + "_" + column + "_seq", position(column)));
      return this;
    }

    TableSchema build() {
      return new TableSchema(
          new TableSchema.Parts(
              id,
              name,
              name,
              TableSchema.Kind.SYSTEM,
              isPublic,
              false,
              OptionalInt.empty(),
              columns,
              primaryKey,
              indexes,
              constraints,
              sequences,
              Optional.empty()));
    }
  }
}
