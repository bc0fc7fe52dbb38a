#!/bin/sh
# Creates Temporal's databases, or brings them to the version of this image. Safe to repeat.
set -eu

for store in temporal visibility; do
  case $store in
    temporal) export SQL_DATABASE=temporal ;;
    visibility) export SQL_DATABASE=temporal_visibility ;;
  esac
  temporal-sql-tool create
  temporal-sql-tool setup-schema -v 0.0
  temporal-sql-tool update-schema -d "/etc/temporal/schema/postgresql/v12/$store/versioned"
done
