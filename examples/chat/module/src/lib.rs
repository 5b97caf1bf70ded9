//! The quick-start chat: people set a name and send messages to everybody.

use spacetimedb::{reducer, table, Identity, ReducerContext, Table, Timestamp};

#[table(accessor = user, public)]
pub struct User {
    #[primary_key]
    identity: Identity,
    name: Option<String>,
    online: bool,
}

#[table(accessor = message, public)]
pub struct Message {
    sender: Identity,
    sent: Timestamp,
    text: String,
}

/// Sets the caller's display name.
#[reducer]
pub fn set_name(ctx: &ReducerContext, name: String) -> Result<(), String> {
    let name = validate_name(name)?;
    match ctx.db.user().identity().find(ctx.sender()) {
        Some(user) => {
            ctx.db.user().identity().update(User { name: Some(name), ..user });
            Ok(())
        }
        None => Err("Cannot set name for unknown user".to_string()),
    }
}

/// Sends a message to everybody.
#[reducer]
pub fn send_message(ctx: &ReducerContext, text: String) -> Result<(), String> {
    let text = validate_message(text)?;
    log::info!("{} says: {}", ctx.sender(), text);
    ctx.db.message().insert(Message { sender: ctx.sender(), sent: ctx.timestamp, text });
    Ok(())
}

#[reducer(client_connected)]
pub fn client_connected(ctx: &ReducerContext) {
    let users = ctx.db.user();
    match users.identity().find(ctx.sender()) {
        Some(user) => {
            users.identity().update(User { online: true, ..user });
        }
        None => {
            users.insert(User { identity: ctx.sender(), name: None, online: true });
        }
    }
}

#[reducer(client_disconnected)]
pub fn client_disconnected(ctx: &ReducerContext) {
    match ctx.db.user().identity().find(ctx.sender()) {
        Some(user) => {
            ctx.db.user().identity().update(User { online: false, ..user });
        }
        None => log::warn!("Disconnect of the unknown user {}", ctx.sender()),
    }
}

fn validate_name(name: String) -> Result<String, String> {
    if name.is_empty() {
        Err("Names must not be empty".to_string())
    } else {
        Ok(name)
    }
}

fn validate_message(text: String) -> Result<String, String> {
    if text.is_empty() {
        Err("Messages must not be empty".to_string())
    } else {
        Ok(text)
    }
}
