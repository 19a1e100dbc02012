#!/bin/sh
# Makes the clips of this folder again: test pictures with the camera's name, the running time and
# the frame number burned in. Needs Debian's ffmpeg and fonts-dejavu-core. Each clip is a whole
# number of closed groups of pictures, so that it can be played in a loop. What is in each is
# told in clips.go, and a test of package cmaf compares the two.
set -eu
cd "$(dirname "$0")"
font=/usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf

# clip NAME COLOUR SIZE RATE SECONDS TEXTSIZE OUTPUT-OPTIONS... FILE
clip() {
	name=$1 colour=$2 size=$3 rate=$4 seconds=$5 text=$6
	shift 6
	label="drawtext=fontfile=$font:fontcolor=white:box=1:boxcolor=black@0.6:boxborderw=6:fontsize=$text:x=$text"
	ffmpeg -nostdin -v error -y -fflags +bitexact \
		-f lavfi -i "color=$colour:size=$size:rate=$rate:duration=$seconds" \
		-f lavfi -i "sine=frequency=440:beep_factor=2:sample_rate=48000:duration=$seconds" \
		-filter_complex "[0:v]drawgrid=w=iw/8:h=ih/6:t=2:c=white@0.25[g];
			color=orange:size=40x40:rate=$rate:duration=$seconds[b];
			[g][b]overlay=x='(W-w)*(0.5+0.5*sin(6.2832*t/5))':y='(H-h)*0.55':shortest=1,
			$label:y=$text:text='$name',
			$label:y=3*$text:text='%{pts\\:hms}',
			$label:y=h-2*$text:text='frame %{n}'[v]" \
		-map_metadata -1 -flags +bitexact -threads 1 -muxdelay 0 -muxpreload 0 "$@"
}

x264='-map [v] -c:v libx264 -preset slow -pix_fmt yuv420p -profile:v high'
x265='-map [v] -c:v libx265 -preset medium -pix_fmt yuv420p'
# Sound ends a little before the picture, so that a loop as long as the picture never overlaps it.
sound='-map 1:a -af volume=0.2,atrim=duration='
closed='scenecut=0:open-gop=0'

# The demo's cameras: 20 s each.
clip 'ENTRANCE  H.264 + AAC' 0x1f4e79 640x360 25 20 26 $x264 -crf 26 -bf 0 -g 50 -x264-params "$closed" \
	${sound}19.95 -c:a aac -ac 1 -b:a 32k -f mpegts entrance.ts
clip 'YARD  H.265' 0x375623 640x360 20 20 26 $x265 -crf 28 \
	-x265-params "log-level=error:keyint=40:min-keyint=40:bframes=0:$closed" -f mpegts yard-main.ts
clip 'YARD  H.264 sub' 0x375623 320x180 10 20 16 $x264 -crf 28 -bf 0 -g 20 -x264-params "$closed" -f mpegts yard-sub.ts
clip 'HALL  H.264 B-frames' 0x7f3f00 640x360 25 20 26 $x264 -crf 26 -bf 3 -g 50 \
	-x264-params "$closed:b-adapt=0:b-pyramid=normal" -f mpegts hall.ts
clip 'STAIRS  10-s GOP' 0x4b2e63 640x360 15 20 26 $x264 -crf 26 -bf 0 -g 150 -x264-params "$closed" -f mpegts stairs.ts

# For tests: 4 s each.
clip 'OPUS' 0x444444 320x180 15 4 16 $x264 -crf 28 -bf 0 -g 30 -x264-params "$closed" \
	${sound}3.95 -c:a libopus -ac 2 -b:a 32k -f mpegts opus.ts
clip 'H.265 B-frames' 0x5b3256 320x180 25 4 16 $x265 -crf 30 \
	-x265-params "log-level=error:keyint=50:min-keyint=50:bframes=3:b-adapt=0:$closed" -f mpegts bframes-h265.ts
clip 'H.264 slices' 0x664400 320x180 10 4 16 $x264 -crf 28 -bf 0 -g 20 \
	-x264-params "$closed:slice-max-mbs=8" -f mpegts slices-h264.ts
# x265 has room for 16 NAL units in an access unit: 12 slices, and the parameter sets.
clip 'H.265 slices' 0x006644 320x400 10 4 16 $x265 -crf 32 \
	-x265-params "log-level=error:keyint=20:min-keyint=20:bframes=0:slices=12:ctu=16:$closed" -f mpegts slices-h265.ts
clip 'MJPEG' 0x333366 320x176 10 4 16 -map '[v]' -c:v mjpeg -pix_fmt yuvj420p -huffman default -q:v 6 -f mjpeg motion.mjpeg
for law in alaw mulaw; do
	ffmpeg -nostdin -v error -y -fflags +bitexact -f lavfi -i "sine=frequency=440:beep_factor=2:sample_rate=8000:duration=4" \
		-af volume=0.2 -c:a pcm_$law -ac 1 -f $law sound.$law
done
