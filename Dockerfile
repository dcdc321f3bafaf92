FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -buildid= -X main.version=$VERSION" \
      -o /out/genesys-producer ./cmd/genesys-producer \
 && mkdir /out/checkpoints

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/genesys-producer /genesys-producer
COPY --from=build --chown=65532:65532 /out/checkpoints /checkpoints
# By number, so that a cluster can tell that it is not root.
USER 65532:65532
ENV CHECKPOINT_DIR=/checkpoints
VOLUME /checkpoints
ENTRYPOINT ["/genesys-producer"]
