# The service as a static binary in an otherwise empty image:
#
#   docker build --build-arg VERSION=v1.2.3 --build-arg COMMIT=$(git rev-parse HEAD) -t genesys-producer .
#
# The target simulator is the simulated Genesys Cloud of deploy/compose.yaml. Equal sources
# give equal images with the same base images, where the builder can set the time of all
# files. The tag of the base moves: for images that are equal for ever, name its digest.
#
#   buildah bud --format oci --timestamp 0 -t genesys-producer .

FROM golang:1.26-bookworm AS build
ENV CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS="-mod=readonly -trimpath -buildvcs=false"
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .

FROM build AS build-simulator
RUN go build -ldflags "-s -w -buildid=" -o /out/sandbox ./cmd/sandbox

FROM scratch AS simulator
COPY --from=build-simulator /out/sandbox /sandbox
USER 65532:65532
EXPOSE 8090
STOPSIGNAL SIGTERM
ENTRYPOINT ["/sandbox", "--simulator", ":8090"]

FROM build AS build-service
ARG VERSION=dev
ARG COMMIT=
RUN go build -ldflags "-s -w -buildid= -X main.version=$VERSION -X main.commit=$COMMIT" \
      -o /out/genesys-producer ./cmd/genesys-producer \
 && mkdir /out/checkpoints

# The last target is what is built where none is named.
FROM scratch AS service
ARG VERSION=dev
ARG COMMIT=
LABEL org.opencontainers.image.title="genesys-producer" \
      org.opencontainers.image.description="Brings the conversations of Genesys Cloud queues into Kafka" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$COMMIT"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build-service /out/genesys-producer /genesys-producer
# A volume that is made of this folder belongs to the user of the service.
COPY --from=build-service --chown=65532:65532 /out/checkpoints /checkpoints
# By number, so that a cluster can tell that it is not root.
USER 65532:65532
ENV CHECKPOINT_DIR=/checkpoints
VOLUME /checkpoints
EXPOSE 8080
STOPSIGNAL SIGTERM
# It asks the service whether it makes progress, or waits for a stated reason.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["/genesys-producer", "healthcheck"]
ENTRYPOINT ["/genesys-producer"]
