//! Which interfaces the inventory makes of traffic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod paths;
mod pins;
mod properties;
mod shelves;

use proptest::prelude::*;
use weir_exchange::sample::{self, Call};
use weir_exchange::*;
use weir_inventory::{Config, Inventory, Placed};
use weir_model::{CallerId, Interface, InterfaceForm, InterfaceState, LoginOutcome, Operation};

fn exchange(method: &str, target: &str, status: u16, fields: &[&str]) -> Exchange {
    let json = Body { kind: MediaKind::Json, bytes: 10, ..Body::default() };
    let body = if status == 404 { Body::default() } else { json };
    Call::new(method, target).to([10, 0, 0, 1], 8_080).status(status).fields(fields).gives(body).build()
}

const USER: &[&str] = &["email", "username"];

struct Seen(Inventory);

impl Seen {
    fn new() -> Self {
        Seen(Inventory::new(Config::default()))
    }
    fn see(&mut self, x: &Exchange) -> Placed {
        let site = self.0.site(x);
        self.0.observe(x, site, CallerId(0), false, None, &Catalogue::default())
    }
    fn get(&mut self, target: &str) -> Placed {
        self.see(&exchange("GET", target, 200, USER))
    }
    fn log_in(&mut self, account: &str) {
        let mut x = exchange("POST", "/login", 200, &["token"]);
        x.request.as_mut().unwrap().login = Some(Box::new(sample::login(account)));
        let site = self.0.site(&x);
        self.0.observe(&x, site, CallerId(0), false, Some(LoginOutcome::Success), &Catalogue::default());
    }
    fn live(&self) -> Vec<&Interface> {
        let own = |i: &usize| self.0.resolve(weir_model::InterfaceId(*i as u32)).index() == *i;
        (0..self.0.interfaces().len()).filter(own).map(|i| &self.0.interfaces()[i]).collect()
    }
    /// Active interfaces as `METHOD template`, sorted.
    fn active(&mut self) -> Vec<String> {
        self.0.settle();
        let active = self.live().into_iter().filter(|i| i.state == InterfaceState::Active);
        let mut all: Vec<String> = active.map(|i| format!("{} {}", i.method, i.template)).collect();
        all.sort();
        all
    }
}
