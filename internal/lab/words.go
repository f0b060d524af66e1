package lab

// commonPasswords are the ones that every list begins with; none opens an account
// of the lab's, so that a brute force goes on to its end.
const commonPasswords = `123456 password qwerty letmein1 dragon monkey abc123 iloveyou administrator welcome
login princess football shadow master sunshine michael superman batman trustno1 passw0rd hello freedom whatever
ninja azerty solo starwars secret summer winter spring autumn baseball access flower hottie loveme zaq1zaq1 donald
jordan harley ranger hunter buster soccer tigger robert thomas george charlie andrew michelle jessica pepper 1234
daniel maggie ginger joshua cheese amanda nicole chelsea biteme matthew yankees austin merlin matrix killer hockey
internet service canada hello123 corvette mercedes diamond cookie rainbow camaro silver phoenix banana chicken`
