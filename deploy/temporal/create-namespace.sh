#!/bin/sh
# Creates the namespace with a retention of 30 days, and evertoken's search attributes. Safe to repeat.
set -eu

until temporal operator cluster health; do sleep 2; done

temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 30d

until temporal operator search-attribute create \
  --name EvertokenProvider --type Keyword \
  --name EvertokenStatus --type Keyword; do
  # The server's nodes learn of a new namespace one by one.
  sleep 2
done
