# Two images: `local` serves the registry of one machine, `deploy` puts it into an AWS account with SAM.
# The digest is that of the tag for all processors; renew both together.
ARG PYTHON=python:3.13.15-slim-trixie@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b

FROM ${PYTHON} AS base
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONUNBUFFERED=1
RUN useradd --uid 1000 --create-home vehicles

# --- the registry of one machine -----------------------------------------------------------------

FROM base AS wheel
ENV PATH=/opt/build/bin:$PATH
WORKDIR /source
COPY requirements/dev.txt requirements/dev.txt
RUN sed -n '/^uv==/,/[^\]$/p' requirements/dev.txt >uv.txt && \
    python -m venv /opt/build && pip install --require-hashes --requirement uv.txt
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN uv build --wheel --require-hashes --build-constraints requirements/dev.txt --out-dir /wheels

FROM base AS local
# As for `deploy`, HOME is that of any user, for ~/.aws.
ENV PATH=/opt/vehicles/bin:$PATH HOME=/home/vehicles VEHICLES_DATA=/data VEHICLES_HOST=0.0.0.0 VEHICLES_PORT=8000
COPY requirements/run.txt /opt/vehicles/run.txt
RUN python -m venv /opt/vehicles && pip install --require-hashes --requirement /opt/vehicles/run.txt
RUN --mount=type=bind,from=wheel,source=/wheels,target=/wheels pip install --no-deps --no-index /wheels/*.whl
COPY scripts/serve-container /usr/local/bin/serve-container
RUN install --directory --owner=vehicles --group=vehicles --mode=700 /data
USER 1000
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["python", "-c", "from http.client import HTTPConnection; c = HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/health'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["serve-container"]

# --- its deployment ------------------------------------------------------------------------------

FROM base AS package
ARG ARCHITECTURE=arm64
# Any make does, and Debian keeps no older version of it to pin.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN make package ARCHITECTURE=${ARCHITECTURE}

FROM base AS deploy
# Docker sets HOME to / for a user that the image does not know, and ~/.aws would not be found.
ARG ARCHITECTURE=arm64
ENV PYTHONDONTWRITEBYTECODE=1 HOME=/home/vehicles ARCHITECTURE=${ARCHITECTURE}
WORKDIR /vehicles
COPY requirements/sam.txt requirements/sam.txt
RUN python -m venv /opt/sam && /opt/sam/bin/pip install --require-hashes --requirement requirements/sam.txt
COPY samconfig.toml ./
COPY scripts/deploy.py scripts/stage.py scripts/verify.py scripts/
COPY src src
COPY --from=package /source/.aws-sam/build .aws-sam/build
USER 1000
ENTRYPOINT ["/opt/sam/bin/python", "scripts/deploy.py"]
CMD ["dev"]
