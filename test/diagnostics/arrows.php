//> arrows.php:13:22: error M002: unexpected 'Auth': a ',', '=>' or ']' is missing before it
//>    13 |         'eventClass' 'Auth',
//>       |                      ^
//> arrows.php:19:10: error M002: unexpected '=': a ',', '=>' or ']' is missing before it
//>    19 |     'id' = 'logout',
//>       |          ^
//> arrows.php:23:9: error M002: unexpected ':': a ',', '=>' or ']' is missing before it
//>    23 |     'id': 'adduser',
//>       |         ^
$mappings[] = [
    'id' => 'login',
    'map' => [
        'eventClass' 'Auth',
        'eventName' => '$operation',
        'severity' => 2
    ]
];
$mappings[] = [
    'id' = 'logout',
    'map' => ['eventClass' => 'Auth', 'eventName' => 'logout', 'severity' => 2]
];
$mappings[] = [
    'id': 'adduser',
    'map' => ['eventClass' => 'Auth', 'eventName' => 'logout', 'severity' => 2]
];
