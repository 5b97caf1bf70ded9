//! Fund transfers: one table of accounts, one reducer that moves money between two of them.

use spacetimedb::{reducer, table, ReducerContext, Table};

#[table(accessor = account, public)]
pub struct Account {
    #[primary_key]
    id: u32,
    balance: i64,
}

/// Opens the accounts `0..n`, each with `balance`.
#[reducer]
pub fn seed(ctx: &ReducerContext, n: u32, balance: i64) {
    for id in 0..n {
        ctx.db.account().insert(Account { id, balance });
    }
}

/// Moves `amount` from one account to another.
#[reducer]
pub fn transfer(ctx: &ReducerContext, from: u32, to: u32, amount: i64) -> Result<(), String> {
    if amount <= 0 {
        return Err("the amount must be positive".to_string());
    }
    if from == to {
        return Err("both accounts are the same".to_string());
    }
    let accounts = ctx.db.account();
    let by_id = accounts.id();
    let Some(payer) = by_id.find(from) else {
        return Err(format!("no account {from}"));
    };
    let Some(payee) = by_id.find(to) else {
        return Err(format!("no account {to}"));
    };
    if payer.balance < amount {
        return Err("insufficient funds".to_string());
    }
    let Some(credited) = payee.balance.checked_add(amount) else {
        return Err("balance overflow".to_string());
    };
    by_id.update(Account { id: from, balance: payer.balance - amount });
    by_id.update(Account { id: to, balance: credited });
    Ok(())
}
