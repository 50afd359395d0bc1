#!/usr/bin/env bash
# A sweep over the weight of the likelihood, on 5,000 digits: about ten minutes on one core.
#
#     examples/sweep.sh                                  # from the folder of this repository
#     WEIGHTS="0.01 0.1 1 10" SEEDS="0 1 2" FOLDER=runs/sweep examples/sweep.sh
#
# Every run starts from the same flow by likelihood alone, which stays in the comparison. A sweep
# that was stopped goes on: the same commands continue their runs and skip what is there.
set -euo pipefail
folder=${FOLDER:-runs/sweep}

train() { # NAME FLAGS...
    bin/train --data_source=embedded --run="$folder/$1" --output="$folder/$1/model" "${@:2}"
    bin/evaluate --run="$folder/$1" --evaluations=likelihood,sample_scores
}

train mle --dataset=mnist --flow=nice --width=200 --layers=2 --objective=mle --epochs=20
for weight in ${WEIGHTS:-0.01 0.1 1}; do
    for seed in ${SEEDS:-0 1}; do
        train "weight-$weight-seed-$seed" --dataset=mnist --init_from="$folder/mle" \
            --objective=hybrid --adversary=wgan_gp --nll_weight="$weight" --seed="$seed" \
            --critic_width=16 --critic_steps=2 --learning_rate=1e-4 --epochs=5
    done
done

bin/report --runs="$folder" --x=nll_weight --y=mode_score,test_nll --output="$folder/report"
echo "Open $folder/report/index.html, or compare the runs in: tensorboard --logdir $folder"
