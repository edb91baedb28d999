#!/bin/bash
# An audit on a Slurm cluster. The mail and DIR lie on a file system that all nodes see, or the mail is at s3://bucket/prefix.
#
#   mkdir DIR
#   id=$(sbatch --parsable --array=1-16 slurm.sh 16 DIR /archive/Archive.mbox)
#   sbatch --dependency=afterok:$id --wrap 'postern audit merge --output html=DIR/report.html DIR'
#
# The first number after slurm.sh is that of the tasks. A task that was lost is sent again with its own number and nothing else
# changed, as --array=7. Options of postern audit may stand before the paths.
#SBATCH --job-name=postern-audit
#SBATCH --cpus-per-task=2
#SBATCH --requeue
set -eu
shards=$1 dir=$2
shift 2
export GOMAXPROCS="${SLURM_CPUS_PER_TASK:-2}"
# A task that is preempted or moved goes on from its state. Parts and states hold addresses and subjects: mode 0600.
exec postern audit --shard "$SLURM_ARRAY_TASK_ID/$shards" --exit-zero --no-progress \
	--resume "$dir/$SLURM_ARRAY_TASK_ID.state" --output "part=$dir/$SLURM_ARRAY_TASK_ID.part" "$@"
