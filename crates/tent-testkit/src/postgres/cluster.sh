set -e
programs=$1 as=$2 disk=$3
shift 3
folder=$(mktemp -d "${TMPDIR:-/tmp}/tent-postgres-XXXXXX")
trap 'umount "$folder/disk" 2>/dev/null || true; rm -rf "$folder"' EXIT
chmod 1777 "$folder"
if [ "$disk" ]; then
  mkdir "$folder/disk"
  mount -t tmpfs -o "size=$disk" tmpfs "$folder/disk"
fi
$as "$programs/initdb" -D "$folder/data" -U tent -A trust -E UTF8 --no-sync >/dev/null
run() {
  $as "$programs/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= -c max_connections=400 "$@" >"$folder/log" 2>&1 &
  server=$!
  until "$programs/psql" -h "$folder" -U tent -d postgres -c 'SELECT 1' >/dev/null 2>&1; do
    kill -0 $server || { cat "$folder/log" >&2; exit 1; }
    sleep 0.05
  done
}
run "$@"
echo "$folder"
while read -r order; do
  kill -INT $server
  wait $server || true
  if [ "$order" = stop ]; then echo stopped; read -r order; fi
  run "$@"
  echo started
done
kill -QUIT $server
wait $server || true
