# One front door. `just` lists what there is.

default:
    @just --list

# Start the whole product with demo data
run:
    cargo run

# Play one week of a kitchen against a running server
demo:
    cargo run -p bk -- demo

# Everything CI runs
check:
    bash .ci/run

# Format, lint and test, without the browser and the document fuzzing
quick:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    cargo nextest run --workspace

# The rules of the tree: rooms, arrows, SQL, words, pages. Needs neither the product nor a database
tree:
    cargo nextest run -p bk-tree

# Dependencies that nothing uses
unused:
    cargo machete --skip-target-dir

# Write the generated files again: the document, the policy table, the snapshots
regenerate:
    cargo run -p bk -- openapi --write
    INSTA_UPDATE=always cargo nextest run -p bk-tests --test gates

# Compare requests per second with bare Postgres on this machine
bench *args:
    cargo build --release -p bk-api -p bk-benches
    ./target/release/bk-bench {{args}}

# Licences, sources, bans
deny:
    cargo deny check bans licenses sources
