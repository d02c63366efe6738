//> texts.php:14:13: error M002: this text is not closed on its line: is a quote missing?
//>    14 |     'id' => 'login,
//>       |             ^
//> texts.php:17:15: error M004: entry 1 of 'mappings' has no 'id'
//>    17 | $mappings[] = [
//>       |               ^
//> texts.php:18:5: error M006: these are typographic quotes: write ' instead
//>    18 |     ‘id’ => ‘logout’,
//>       |     ^^^^
//> texts.php:21:1: error M002: this comment is never closed
//>    21 | /* the rest is not needed
//>       | ^
$mappings[] = [
    'id' => 'login,
    'map' => ['eventClass' => 'Auth', 'eventName' => 'login', 'severity' => 2]
];
$mappings[] = [
    ‘id’ => ‘logout’,
    'map' => ['eventClass' => 'Auth', 'eventName' => 'logout', 'severity' => 2]
];
/* the rest is not needed
$mappings[] = [
    'id' => 'upload',
    'map' => ['eventClass' => 'Files', 'eventName' => 'upload', 'severity' => 2]
];
