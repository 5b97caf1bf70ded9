package dev.dormouse.runtimenode.databases;

import dev.dormouse.database.CallResult;
import dev.dormouse.database.HttpSql;
import dev.dormouse.query.RowList;
import dev.dormouse.query.WriteCounts;
import dev.dormouse.residence.Programs;
import dev.dormouse.residence.Residence;
import dev.dormouse.residence.WakeReason;
import dev.dormouse.runtimenode.http.Answer;
import dev.dormouse.runtimenode.http.Exchange;
import dev.dormouse.runtimenode.http.HttpLimits;
import dev.dormouse.runtimenode.http.Refusal;
import dev.dormouse.runtimenode.http.RouteGroup;
import dev.dormouse.runtimenode.http.RouteTable;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.MemoryAccount;
import dev.dormouse.sats.Typespace;
import dev.dormouse.sats.json.JsonForm;
import dev.dormouse.sats.json.JsonOutput;
import dev.dormouse.sats.json.TypeJson;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Queries. Source: spec http-api §7. */
public final class SqlRoutes implements RouteGroup {
  private static final JsonOutput UNTYPED = JsonOutput.of(Typespace.EMPTY, JsonForm.UNTYPED);

  /** Answers up to this size take too little of the node's memory to be counted. */
  private static final int UNCOUNTED_CHARACTERS = 32 << 10;

  /** The text as it is put together, as it is then, and as it is sent. */
  private static final int COPIES = 3;

  private final DatabaseAccess access;
  private final Residence residence;
  private final ProgramCells.Store programs;
  private final int charactersMax;

  /** Queries of the databases of a residence, whose programs are where it loads them from. */
  public SqlRoutes(
      DatabaseAccess access, Residence residence, Programs programs, HttpLimits limits) {
    this.access = access;
    this.residence = residence;
    this.programs = programs::bytes;
    this.charactersMax = limits.resultCharactersMax();
  }

  @Override
  public void mount(RouteTable routes) {
    routes.database(HttpMethod.POST, "/v1/database/:db/sql", access.of(this::sql));
  }

  private Future<Answer> sql(DatabaseExchange exchange) {
    boolean confirmed = exchange.http().queryFlag("confirmed").orElse(true);
    return access
        .database(exchange.http())
        .compose(
            database ->
                exchange
                    .http()
                    .body()
                    .compose(body -> utf8(exchange.http(), body))
                    .compose(
                        text -> {
                          DatabaseAccess.Replied<HttpSql.Outcome> reply = DatabaseAccess.replied();
                          residence.submit(
                              database.key(),
                              WakeReason.SQL,
                              new HttpSql(exchange.visitor(), text, confirmed, reply));
                          return reply.future();
                        }))
        .compose(
            outcome ->
                exchange
                    .http()
                    .work(() -> answer(outcome))
                    .onFailure(ignored -> outcome.release())
                    .map(answer -> releasing(answer, outcome, exchange)));
  }

  /** The answer, which gives the memory back when it is written or nobody is there to read it. */
  private static Answer releasing(
      Answer answer, HttpSql.Outcome outcome, DatabaseExchange exchange) {
    HttpServerResponse response = exchange.http().raw().response();
    if (response.closed() || response.ended()) {
      outcome.release();
    } else {
      exchange.http().raw().addEndHandler(ended -> outcome.release());
    }
    return answer;
  }

  private static Future<String> utf8(Exchange exchange, Buffer body) {
    return exchange.isLong(body)
        ? exchange.work(() -> utf8(body.getBytes()))
        : Future.succeededFuture(utf8(body.getBytes()));
  }

  private static String utf8(byte[] body) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      throw Refusal.text(400, "the body is not UTF-8");
    }
  }

  private Answer answer(HttpSql.Outcome outcome) throws IOException {
    return switch (outcome) {
      case HttpSql.Outcome.Refused(EngineException why) -> {
        if (why.code() == EngineException.Code.RETRY) {
          throw why;
        }
        yield Answer.text(400, why.text());
      }
      case HttpSql.Outcome.NoConnection(CallResult.ConnectionRefused why) ->
          CallRoutes.answer(why, 0);
      case HttpSql.Outcome.Result(
              Product columns,
              RowList rows,
              Optional<HttpSql.Outcome.MissingProgram> missing,
              long nanos,
              MemoryAccount memory) ->
          Answer.json(
                  200,
                  json(
                      columns,
                      missing.isPresent()
                          ? ProgramCells.filled(columns, rows, missing.get(), programs, memory)
                          : rows,
                      nanos / 1_000,
                      memory))
              .with("spacetime-execution-duration-micros", Long.toString(nanos / 1_000));
      case HttpSql.Outcome.Written(WriteCounts counts, long nanos) ->
          Answer.json(200, json(counts, nanos / 1_000))
              .with("spacetime-execution-duration-micros", Long.toString(nanos / 1_000));
    };
  }

  private static String json(WriteCounts counts, long micros) {
    return "[{\"schema\":{\"elements\":[]},\"rows\":[],\"total_duration_micros\":%d,\"stats\":{\"rows_inserted\":%d,\"rows_deleted\":%d,\"rows_updated\":%d}}]"
        .formatted(micros, counts.inserted(), counts.deleted(), counts.updated());
  }

  private String json(Product columns, RowList rows, long micros, MemoryAccount memory) {
    long rowBytes = memory.heldBytes();
    long covered = UNCOUNTED_CHARACTERS;
    StringBuilder out = new StringBuilder(256);
    out.append("[{\"schema\":").append(TypeJson.product(columns)).append(",\"rows\":[");
    JsonOutput.Shape row = UNTYPED.shape(columns);
    BsatnReader reader = new BsatnReader(rows.array(), 0, 0);
    for (int i = 0; i < rows.count(); i++) {
      if (i > 0) {
        out.append(',');
      }
      // Bytes are two characters each; what else there is in a row is seldom long.
      covered = cover(out.length() + 2L * rows.length(i), covered, rowBytes, memory);
      row.write(reader.reset(rows.array(), rows.offset(i), rows.length(i)), out, charactersMax);
      covered = cover(out.length(), covered, rowBytes, memory);
    }
    out.append("],\"total_duration_micros\":").append(micros);
    out.append(",\"stats\":{\"rows_inserted\":0,\"rows_deleted\":0,\"rows_updated\":0}}]");
    return out.toString();
  }

  /** Covers twice as many characters as there are to be, if there are more than it covers. */
  private static long cover(long characters, long covered, long rowBytes, MemoryAccount memory) {
    if (characters <= covered) {
      return covered;
    }
    memory.cover(rowBytes + COPIES * 2 * characters, "the answer to a query");
    return 2 * characters;
  }
}
