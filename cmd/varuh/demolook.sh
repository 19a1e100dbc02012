#!/bin/sh
# How a program looks at footage, with curl alone:
#
#   sh look.sh [CAMERA]        one picture of some seconds ago, into CAMERA.mp4
#   sh look.sh [CAMERA] play   the last half minute, by ffplay
#
# It logs the caretaker of this demo in and says the purpose. When the answer comes, the entry is in the diary, before
# the first byte of footage; at the end it says what came of it. varuh demo writes this file anew at each start.
set -eu
cd "$(dirname "$0")"
umask 077
camera=${1:-entrance}
site=@SITE@
trap 'rm -f look.cookies look.answer' EXIT

# ask asks the API for something, with the session's cookie. What is refused is told, and ends it.
ask() {
	curl -sS --fail-with-body --cacert varuh-demo-ca.pem -b look.cookies -c look.cookies -H 'Content-Type: application/json' "$@"
}

# value is a text in an answer, by its name.
value() { sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p'; }

# moment is one in seconds since 1970, as the API takes it.
moment() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ; }

now=$(date +%s)
from=$((now - 30))
[ "$from" -ge @SINCE@ ] || from=@SINCE@ # before, there was no notice that gives a purpose

password=$(tr -d ' \n' <varuh-demo-persons.json | sed 's/.*"login":"hisnik","password":"\([^"]*\)".*/\1/')
printf '{"login":"hisnik","password":"%s"}' "$password" | ask -o look.answer -d @- "$site/api/v1/session" || { cat look.answer; exit 1; } # no argument, which ps shows
rm look.answer
viewing=$(ask -d '{"purpose":"safety","remark":"look.sh","camera":"'"$camera"'","from":"'"$(moment "$from")"'","to":"'"$(moment "$now")"'"}' \
	"$site/api/v1/viewings") || { echo "$viewing"; exit 1; }
id=$(echo "$viewing" | value id)
if [ "${2:-}" = play ]; then
	cookie=$(sed -n 's/.*__Host-varuh[[:space:]]*//p' look.cookies)
	ffplay -hide_banner -loglevel error -autoexit -tls_verify 1 -ca_file varuh-demo-ca.pem -headers "Cookie: __Host-varuh=$cookie" \
		"$site$(echo "$viewing" | value playlist)"
else
	ask -o "$camera.mp4" "$site/api/v1/viewings/$id/$camera/main/frame?at=$(moment $((now - 1)))" || { cat "$camera.mp4"; rm "$camera.mp4"; exit 1; }
	echo "$(pwd)/$camera.mp4 is one picture of camera $camera, for a browser, a player or ffplay."
fi
ask -d '{"outcome":"nothing found"}' "$site/api/v1/viewings/$id/end"
