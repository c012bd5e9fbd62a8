//! The whole program, driven from outside: the journey in one process and in three, crashes, and logs.

mod agent_at_mcp;
mod away;
mod check;
mod crash;
mod crowd;
mod forgery;
mod instances;
mod journey;
mod keys;
mod lock;
mod logout;
mod logs;
mod mcp;
mod migrate;
mod operator;
mod remove;
mod rest;
mod restore;
mod retries;
mod run;
mod sites;
mod start;
mod support;
