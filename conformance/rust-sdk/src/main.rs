//! The chat through the official Rust SDK; the bindings are written by hand, as codegen would.
use sdk::__codegen::{self as __sdk, __lib, __sats, __ws};
use sdk::{Compression, DbContext, Event, Identity, Table, TableWithPrimaryKey, Timestamp};
use spacetimedb_sdk as sdk;
use std::sync::mpsc;
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, __lib::ser::Serialize, __lib::de::Deserialize)]
#[sats(crate = __lib)]
pub struct User {
    pub identity: Identity,
    pub name: Option<String>,
    pub online: bool,
}
#[derive(Debug, Clone, PartialEq, __lib::ser::Serialize, __lib::de::Deserialize)]
#[sats(crate = __lib)]
pub struct Message {
    pub sender: Identity,
    pub sent: Timestamp,
    pub text: String,
}
impl __sdk::InModule for User {
    type Module = RemoteModule;
}
impl __sdk::InModule for Message {
    type Module = RemoteModule;
}

#[derive(Debug)]
pub struct RemoteModule;
impl __sdk::InModule for RemoteModule {
    type Module = Self;
}

#[derive(Debug, Clone)]
pub enum Reducer {
    SetName(String),
    SendMessage(String),
}
impl __sdk::InModule for Reducer {
    type Module = RemoteModule;
}
impl __sdk::Reducer for Reducer {
    fn reducer_name(&self) -> &'static str {
        match self {
            Reducer::SetName(_) => "set_name",
            Reducer::SendMessage(_) => "send_message",
        }
    }
    fn args_bsatn(&self) -> Result<Vec<u8>, __sats::bsatn::EncodeError> {
        match self {
            Reducer::SetName(s) | Reducer::SendMessage(s) => __sats::bsatn::to_vec(s),
        }
    }
}

#[derive(Default, Debug)]
pub struct DbUpdate {
    user: __sdk::TableUpdate<User>,
    message: __sdk::TableUpdate<Message>,
}
impl __sdk::InModule for DbUpdate {
    type Module = RemoteModule;
}
impl TryFrom<__ws::v2::TransactionUpdate> for DbUpdate {
    type Error = __sdk::Error;
    fn try_from(raw: __ws::v2::TransactionUpdate) -> Result<Self, Self::Error> {
        let mut db = DbUpdate::default();
        for t in __sdk::transaction_update_iter_table_updates(raw) {
            match &t.table_name[..] {
                "user" => db.user.append(__sdk::TableUpdate::parse_table_update(t)?),
                "message" => db
                    .message
                    .append(__sdk::TableUpdate::parse_table_update(t)?),
                unknown => panic!("unknown table {unknown}"),
            }
        }
        Ok(db)
    }
}
impl __sdk::DbUpdate for DbUpdate {
    fn apply_to_client_cache(
        &self,
        cache: &mut __sdk::ClientCache<RemoteModule>,
    ) -> AppliedDiff<'_> {
        AppliedDiff {
            user: cache
                .apply_diff_to_table::<User>("user", &self.user)
                .with_updates_by_pk(|r| &r.identity),
            message: cache.apply_diff_to_table::<Message>("message", &self.message),
            p: Default::default(),
        }
    }
    fn parse_initial_rows(raw: __ws::v2::QueryRows) -> __sdk::Result<Self> {
        let mut db = DbUpdate::default();
        for t in raw.tables {
            match &t.table[..] {
                "user" => db.user.append(__sdk::parse_row_list_as_inserts(t.rows)?),
                "message" => db.message.append(__sdk::parse_row_list_as_inserts(t.rows)?),
                unknown => panic!("unknown table {unknown}"),
            }
        }
        Ok(db)
    }
    fn parse_unsubscribe_rows(raw: __ws::v2::QueryRows) -> __sdk::Result<Self> {
        let mut db = DbUpdate::default();
        for t in raw.tables {
            match &t.table[..] {
                "user" => db.user.append(__sdk::parse_row_list_as_deletes(t.rows)?),
                "message" => db.message.append(__sdk::parse_row_list_as_deletes(t.rows)?),
                unknown => panic!("unknown table {unknown}"),
            }
        }
        Ok(db)
    }
}
pub struct AppliedDiff<'r> {
    user: __sdk::TableAppliedDiff<'r, User>,
    message: __sdk::TableAppliedDiff<'r, Message>,
    p: std::marker::PhantomData<&'r ()>,
}
impl<'r> __sdk::InModule for AppliedDiff<'r> {
    type Module = RemoteModule;
}
impl<'r> __sdk::AppliedDiff<'r> for AppliedDiff<'r> {
    fn invoke_row_callbacks(
        &self,
        event: &EventContext,
        callbacks: &mut __sdk::DbCallbacks<RemoteModule>,
    ) {
        callbacks.invoke_table_row_callbacks::<User>("user", &self.user, event);
        callbacks.invoke_table_row_callbacks::<Message>("message", &self.message, event);
    }
}

macro_rules! view {
    ($n:ident) => {
        pub struct $n {
            pub imp: __sdk::DbContextImpl<RemoteModule>,
        }
        impl __sdk::InModule for $n {
            type Module = RemoteModule;
        }
    };
}
view!(RemoteTables);
view!(RemoteReducers);
view!(RemoteProcedures);

macro_rules! context {
    ($n:ident, $e:ty) => {
        pub struct $n {
            pub db: RemoteTables,
            pub reducers: RemoteReducers,
            pub procedures: RemoteProcedures,
            pub event: $e,
            imp: __sdk::DbContextImpl<RemoteModule>,
        }
        impl __sdk::AbstractEventContext for $n {
            type Event = $e;
            fn event(&self) -> &$e {
                &self.event
            }
            fn new(imp: __sdk::DbContextImpl<RemoteModule>, event: $e) -> Self {
                Self {
                    db: RemoteTables { imp: imp.clone() },
                    reducers: RemoteReducers { imp: imp.clone() },
                    procedures: RemoteProcedures { imp: imp.clone() },
                    event,
                    imp,
                }
            }
        }
        context_common!($n);
    };
}
macro_rules! context_common {
    ($n:ident) => {
        impl __sdk::InModule for $n {
            type Module = RemoteModule;
        }
        impl __sdk::DbContext for $n {
            type DbView = RemoteTables;
            type Reducers = RemoteReducers;
            type Procedures = RemoteProcedures;
            fn db(&self) -> &RemoteTables {
                &self.db
            }
            fn reducers(&self) -> &RemoteReducers {
                &self.reducers
            }
            fn procedures(&self) -> &RemoteProcedures {
                &self.procedures
            }
            fn is_active(&self) -> bool {
                self.imp.is_active()
            }
            fn disconnect(&self) -> __sdk::Result<()> {
                self.imp.disconnect()
            }
            type SubscriptionBuilder = __sdk::SubscriptionBuilder<RemoteModule>;
            fn subscription_builder(&self) -> Self::SubscriptionBuilder {
                __sdk::SubscriptionBuilder::new(&self.imp)
            }
            fn try_identity(&self) -> Option<Identity> {
                self.imp.try_identity()
            }
            fn connection_id(&self) -> sdk::ConnectionId {
                self.imp.connection_id()
            }
            fn try_connection_id(&self) -> Option<sdk::ConnectionId> {
                self.imp.try_connection_id()
            }
        }
    };
}
context!(EventContext, __sdk::Event<Reducer>);
context!(ReducerEventContext, __sdk::ReducerEvent<Reducer>);
context!(ProcedureEventContext, ());
context!(SubscriptionEventContext, ());
context!(ErrorContext, Option<__sdk::Error>);
impl __sdk::EventContext for EventContext {}
impl __sdk::ReducerEventContext for ReducerEventContext {}
impl __sdk::ProcedureEventContext for ProcedureEventContext {}
impl __sdk::SubscriptionEventContext for SubscriptionEventContext {}
impl __sdk::ErrorContext for ErrorContext {}

pub struct DbConnection {
    pub db: RemoteTables,
    pub reducers: RemoteReducers,
    pub procedures: RemoteProcedures,
    imp: __sdk::DbContextImpl<RemoteModule>,
}
context_common!(DbConnection);
impl __sdk::DbConnection for DbConnection {
    fn new(imp: __sdk::DbContextImpl<RemoteModule>) -> Self {
        Self {
            db: RemoteTables { imp: imp.clone() },
            reducers: RemoteReducers { imp: imp.clone() },
            procedures: RemoteProcedures { imp: imp.clone() },
            imp,
        }
    }
}
#[derive(Clone)]
pub struct SubscriptionHandle {
    imp: __sdk::SubscriptionHandleImpl<RemoteModule>,
}
impl __sdk::InModule for SubscriptionHandle {
    type Module = RemoteModule;
}
impl __sdk::SubscriptionHandle for SubscriptionHandle {
    fn new(imp: __sdk::SubscriptionHandleImpl<RemoteModule>) -> Self {
        Self { imp }
    }
    fn is_ended(&self) -> bool {
        self.imp.is_ended()
    }
    fn is_active(&self) -> bool {
        self.imp.is_active()
    }
    fn unsubscribe_then(self, on_end: __sdk::OnEndedCallback<RemoteModule>) -> __sdk::Result<()> {
        self.imp.unsubscribe_then(Some(on_end))
    }
    fn unsubscribe(self) -> __sdk::Result<()> {
        self.imp.unsubscribe_then(None)
    }
}
impl __sdk::SpacetimeModule for RemoteModule {
    type DbConnection = DbConnection;
    type EventContext = EventContext;
    type ReducerEventContext = ReducerEventContext;
    type ProcedureEventContext = ProcedureEventContext;
    type SubscriptionEventContext = SubscriptionEventContext;
    type ErrorContext = ErrorContext;
    type Reducer = Reducer;
    type DbView = RemoteTables;
    type Reducers = RemoteReducers;
    type Procedures = RemoteProcedures;
    type DbUpdate = DbUpdate;
    type AppliedDiff<'r> = AppliedDiff<'r>;
    type SubscriptionHandle = SubscriptionHandle;
    type QueryBuilder = __sdk::QueryBuilder;
    fn register_tables(cache: &mut __sdk::ClientCache<Self>) {
        let t = cache.get_or_make_table::<User>("user");
        t.add_unique_constraint::<Identity>("identity", |r| &r.identity);
        cache.get_or_make_table::<Message>("message");
    }
    const ALL_TABLE_NAMES: &'static [&'static str] = &["user", "message"];
}
macro_rules! table {
    ($h:ident, $row:ty, $name:literal, $f:ident) => {
        pub struct $h<'c> {
            imp: __sdk::TableHandle<$row>,
            p: std::marker::PhantomData<&'c ()>,
        }
        impl RemoteTables {
            pub fn $f(&self) -> $h<'_> {
                $h {
                    imp: self.imp.get_table::<$row>($name),
                    p: Default::default(),
                }
            }
        }
        impl<'c> __sdk::Table for $h<'c> {
            type Row = $row;
            type EventContext = EventContext;
            fn count(&self) -> u64 {
                self.imp.count()
            }
            fn iter(&self) -> impl Iterator<Item = $row> + '_ {
                self.imp.iter()
            }
            type InsertCallbackId = __sdk::CallbackId;
            fn on_insert(
                &self,
                c: impl FnMut(&EventContext, &$row) + Send + 'static,
            ) -> __sdk::CallbackId {
                self.imp.on_insert(Box::new(c))
            }
            fn remove_on_insert(&self, c: __sdk::CallbackId) {
                self.imp.remove_on_insert(c)
            }
            type DeleteCallbackId = __sdk::CallbackId;
            fn on_delete(
                &self,
                c: impl FnMut(&EventContext, &$row) + Send + 'static,
            ) -> __sdk::CallbackId {
                self.imp.on_delete(Box::new(c))
            }
            fn remove_on_delete(&self, c: __sdk::CallbackId) {
                self.imp.remove_on_delete(c)
            }
        }
    };
}
table!(UserTable, User, "user", user);
table!(MessageTable, Message, "message", message);
impl<'c> __sdk::TableWithPrimaryKey for UserTable<'c> {
    type UpdateCallbackId = __sdk::CallbackId;
    fn on_update(
        &self,
        c: impl FnMut(&EventContext, &User, &User) + Send + 'static,
    ) -> __sdk::CallbackId {
        self.imp.on_update(Box::new(c))
    }
    fn remove_on_update(&self, c: __sdk::CallbackId) {
        self.imp.remove_on_update(c)
    }
}

#[derive(Debug, PartialEq)]
enum Seen {
    Connected(Identity, String),
    Applied(usize, u64),
    Said(String, bool),
    Named(Option<String>),
    Result(Result<Result<(), String>, String>),
    Refused(String),
    Ended(u64),
    Disconnected,
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    for compression in [Compression::Brotli, Compression::Gzip, Compression::None] {
        for confirmed in [None, Some(false), Some(true)] {
            run(&args[1], &args[2], compression, confirmed);
            println!("ok {compression:?} confirmed {confirmed:?}");
        }
    }
}

fn connect(
    url: &str,
    db: &str,
    c: Compression,
    confirmed: Option<bool>,
    token: Option<String>,
) -> (DbConnection, mpsc::Sender<Seen>, mpsc::Receiver<Seen>) {
    let (tx, rx) = mpsc::channel();
    let (a, b) = (tx.clone(), tx.clone());
    let mut builder = sdk::DbConnectionBuilder::<RemoteModule>::new()
        .with_uri(url)
        .with_database_name(db)
        .with_token(token)
        .with_compression(c)
        .on_connect(move |_, i, t| {
            a.send(Seen::Connected(i, t.to_string())).unwrap();
        })
        .on_connect_error(|_, e| panic!("connect error {e:?}"))
        .on_disconnect(move |_, e| {
            assert!(e.is_none(), "{e:?}");
            let _ = b.send(Seen::Disconnected);
        });
    if let Some(x) = confirmed {
        builder = builder.with_confirmed_reads(x);
    }
    let conn = builder.build().unwrap();
    conn.imp.run_threaded();
    (conn, tx, rx)
}
fn next(rx: &mpsc::Receiver<Seen>) -> Seen {
    rx.recv_timeout(Duration::from_secs(20))
        .expect("no event in time")
}

fn call(conn: &DbConnection, tx: &mpsc::Sender<Seen>, r: Reducer) {
    let tx = tx.clone();
    conn.imp
        .invoke_reducer_with_callback(r, move |_, result| {
            tx.send(Seen::Result(result.map_err(|e| e.to_string())))
                .unwrap();
        })
        .unwrap();
}

fn run(url: &str, db: &str, c: Compression, confirmed: Option<bool>) {
    let (ann, atx, arx) = connect(url, db, c, confirmed, None);
    let (bob, btx, brx) = connect(url, db, c, confirmed, None);
    let Seen::Connected(aid, token) = next(&arx) else {
        panic!()
    };
    let Seen::Connected(bid, _) = next(&brx) else {
        panic!()
    };
    assert_ne!(aid, bid);
    let mut handles = vec![];
    for (conn, tx, rx) in [(&ann, &atx, &arx), (&bob, &btx, &brx)] {
        let t = tx.clone();
        handles.push(
            conn.subscription_builder()
                .on_applied(move |ctx| {
                    t.send(Seen::Applied(
                        ctx.db.user().count() as usize,
                        ctx.db.message().count(),
                    ))
                    .unwrap();
                })
                .on_error(|_, e| panic!("{e:?}"))
                .subscribe([
                    "SELECT * FROM user WHERE online = true",
                    "SELECT * FROM message",
                ]),
        );
        let Seen::Applied(users, _) = next(rx) else {
            panic!()
        };
        assert!(users >= 1);
    }
    let t = btx.clone();
    bob.db.message().on_insert(move |ctx, m| {
        t.send(Seen::Said(
            m.text.clone(),
            matches!(ctx.event, Event::Reducer(_)),
        ))
        .unwrap();
    });
    let t = atx.clone();
    ann.db.message().on_insert(move |ctx, m| {
        t.send(Seen::Said(
            m.text.clone(),
            matches!(ctx.event, Event::Reducer(_)),
        ))
        .unwrap();
    });
    let t = btx.clone();
    bob.db.user().on_update(move |_, old, new| {
        assert_eq!(old.identity, new.identity);
        t.send(Seen::Named(new.name.clone())).unwrap();
    });
    call(&ann, &atx, Reducer::SendMessage("hello é".into()));
    let mut got = vec![next(&arx), next(&arx)];
    got.sort_by_key(|e| matches!(e, Seen::Result(_)));
    assert_eq!(
        got,
        [Seen::Said("hello é".into(), true), Seen::Result(Ok(Ok(())))]
    );
    assert_eq!(next(&brx), Seen::Said("hello é".into(), false));
    call(&ann, &atx, Reducer::SetName("Ann".into()));
    assert_eq!(next(&arx), Seen::Result(Ok(Ok(()))));
    assert_eq!(next(&brx), Seen::Named(Some("Ann".into())));
    call(&ann, &atx, Reducer::SendMessage("".into()));
    assert_eq!(
        next(&arx),
        Seen::Result(Ok(Err("Messages must not be empty".into())))
    );
    // Large enough to be compressed.
    let big = "long ".repeat(2000);
    call(&ann, &atx, Reducer::SendMessage(big.clone()));
    next(&arx);
    next(&arx);
    assert_eq!(next(&brx), Seen::Said(big, false));
    let t = btx.clone();
    bob.subscription_builder()
        .on_applied(|_| panic!("applied"))
        .on_error(move |_, e| {
            t.send(Seen::Refused(e.to_string())).unwrap();
        })
        .subscribe("SELECT * FROM nothing");
    let Seen::Refused(why) = next(&brx) else {
        panic!()
    };
    println!("  refused: {why}");
    use sdk::SubscriptionHandle as _;
    let t = btx.clone();
    handles
        .pop()
        .unwrap()
        .unsubscribe_then(Box::new(move |ctx| {
            t.send(Seen::Ended(
                ctx.db.message().count() + ctx.db.user().count(),
            ))
            .unwrap();
        }))
        .unwrap();
    assert_eq!(next(&brx), Seen::Ended(0));
    ann.disconnect().unwrap();
    assert_eq!(next(&arx), Seen::Disconnected);
    let (again, _tx, rx) = connect(url, db, c, confirmed, Some(token.clone()));
    let Seen::Connected(id, echoed) = next(&rx) else {
        panic!()
    };
    assert_eq!((id, echoed), (aid, token));
    again.disconnect().unwrap();
    bob.disconnect().unwrap();
}
