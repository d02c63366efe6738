//> brackets.php:19:2: error M002: unexpected ';': a ']' is missing before it
//>    19 | ];
//>       |  ^
//> brackets.php:23:1: error M002: unexpected ']': it is one too many
//>    23 | ];
//>       | ^
//> brackets.php:26:81: error M002: a ']' is missing here
//>    26 |     'map' => ['eventClass' => 'Files', 'eventName' => 'upload', 'severity' => 2]
//>       |                                                                                 ^
//> brackets.php:30:80: error M013: severity must be 0-10, or one of Unknown, Low, Medium, High, Very-High; got '11'
//>    30 |     'map' => ['eventClass' => 'Users', 'eventName' => 'adduser', 'severity' => 11]
//>       |                                                                                ^^
$mappings[] = [
    'id' => 'login',
    'map' => [
        'eventClass' => 'Auth',
        'eventName' => '$operation',
        'severity' => 2
];
$mappings[] = [
    'id' => 'logout',
    'map' => ['eventClass' => 'Auth', 'eventName' => 'logout', 'severity' => 2]]
];
$mappings[] = [
    'id' => 'upload',
    'map' => ['eventClass' => 'Files', 'eventName' => 'upload', 'severity' => 2]

$mappings[] = [
    'id' => 'adduser',
    'map' => ['eventClass' => 'Users', 'eventName' => 'adduser', 'severity' => 11]
];
