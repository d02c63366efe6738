//> commas.php:14:20: warning M002: a comma is missing here
//>    14 |     'id' => 'login'
//>       |                    ^
//> commas.php:17:36: warning M002: a comma is missing here
//>    17 |         'eventName' => '$operation' // name
//>       |                                    ^
//> commas.php:20:2: warning M002: a semicolon is missing here
//>    20 | ]
//>       |  ^
//> commas.php:23:63: error M002: unexpected 'severity': a ',', '=>' or ']' is missing before it
//>    23 |     'map' => ['eventClass' => 'Auth', 'eventName' => 'logout' 'severity' => 2]
//>       |                                                               ^
$mappings[] = [
    'id' => 'login'
    'map' => [
        'eventClass' => 'Auth', // class
        'eventName' => '$operation' // name
        'severity' => 2
    ]
]
$mappings[] = [
    'id' => 'logout',
    'map' => ['eventClass' => 'Auth', 'eventName' => 'logout' 'severity' => 2]
];
