package playback

// HEVC names the codec of an hvcC.
var HEVC = hevc

// Parse reads a name of a part, and makes it again.
func (n *Names) Parse(s Scope, text string) (again string, err error) {
	v, err := n.parse(s, kindPart, text)
	if err != nil {
		return "", err
	}
	return n.seal(s, v), nil
}

// Silent takes the sound out of an init segment.
var Silent = silent

// Part is the name of a part.
func (n *Names) Part(s Scope, p *Part, sound bool) string { return n.part(s, p, sound) }
