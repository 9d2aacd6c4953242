# shellcheck shell=bash disable=SC2154
# Sourced with $root and $rack set: where pulumi finds the stack of a rack.
export PULUMI_HOME=$root/.rack/$rack/pulumi
export PULUMI_BACKEND_URL=file://$root/.rack/$rack/state
export PULUMI_CONFIG_PASSPHRASE_FILE=$root/.rack/$rack/passphrase
export PULUMI_SKIP_UPDATE_CHECK=true
export PULUMI_STACK=$rack
unset PULUMI_CONFIG_PASSPHRASE PULUMI_ACCESS_TOKEN
