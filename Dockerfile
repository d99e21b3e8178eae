# syntax=docker/dockerfile:1
# One image for every role; BK_ROLE chooses. No shell, no package manager, no root.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --locked --release --no-default-features -p bk-api -p bk \
    && mkdir /out && cp target/release/bk-api target/release/bk /out/

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /out/bk-api /out/bk /usr/local/bin/
USER nonroot:nonroot
ENV BK_ENV=production \
    BK_HTTP_ADDR=0.0.0.0:8080 \
    BK_METRICS_ADDR=0.0.0.0:9090
EXPOSE 8080 9090
ENTRYPOINT ["/usr/local/bin/bk-api"]
