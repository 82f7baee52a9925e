. "$(dirname "$0")/../tools/lib.sh"
. "$(dirname "$0")/sshd.sh"
sshd_start || skip_all "$sshd_why"
T=127.0.0.1:$sshd_port
date +%s.%N; for i in 1 2 3 4 5 6 7 8 9 10; do ssh -F $dir/config -fN -L $dir/a$i:$T tun1; done; date +%s.%N
for i in 1 2 3 4 5 6 7 8 9 10; do tunrun -F $dir/config -fN -L $dir/b$i:$T tun1 >/dev/null; done; date +%s.%N
time tunrun -q true
strace -c -f -o $dir/st tunrun -F $dir/config -fN -L $dir/c:$T tun1; head -8 $dir/st
