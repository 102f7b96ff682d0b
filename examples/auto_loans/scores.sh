#!/bin/sh
# A behaviour score of the used-car book by commands alone: the book taken in and run, a card and its challenger trained, validated, approved by another
# person, in force from April 2020, and watched while the book turns.
#
#     examples/auto_loans/scores.sh FILE HOME
#
# FILE is auto_loans_2017.csv, HOME a folder that is made. `daihou` must be on the PATH. DAIHOU_NOW says which day it is.
set -eu
FILE=$1
export DAIHOU_HOME=$2 DAIHOU_BASE_CURRENCY=USD
HERE=$(dirname "$0")
mkdir -p "$DAIHOU_HOME"

for TABLE in borrowers loans changes instalments payments charges standings; do
  daihou intake "$FILE" --table $TABLE --mapping "$HERE/$TABLE.yaml" --known-on event || [ $TABLE = payments ] # two of its rows belong in quarantine
done
daihou history --from 2017-05-31 --to 2020-03-31

export DAIHOU_NOW=2020-03-31T12:00:00+08:00
daihou models train "$HERE/score.yaml" --by ana --note "first score of this book"
daihou models validate used_car_6m --version 1 --by bruno
daihou models validate used_car_6m --version 2 --by bruno
daihou models approve used_car_6m --version 1 --from 2020-04-01 --by bruno --note "in force"
daihou models approve used_car_6m --version 2 --as shadow --from 2020-04-01 --by bruno --note "beside it"
daihou models list

for DAY in 2020-04-30 2020-05-31 2020-06-30 2020-07-31 2020-08-31 2020-09-30 2020-10-31 2020-11-30 2020-12-31; do
  export DAIHOU_NOW=${DAY}T12:00:00+08:00
  daihou run --as-of $DAY
  daihou models monitor used_car_6m --as-of $DAY || true
done
daihou models score used_car_6m --version 1 -o "$DAIHOU_HOME/scores.csv" --reasons
