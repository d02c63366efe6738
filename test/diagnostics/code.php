//> code.php:46:1: error M006: another file is no mapping: write $mappings[] = [...]
//>    46 | require 'common.php';
//>       | ^^^^^^^^^^^^^^^^^^^^^
//> code.php:47:1: error M006: only $mappings is read: write $mappings[] = [...]
//>    47 | $severity = 5;
//>       | ^^^^^^^^^^^^^^
//> code.php:49:13: error M006: this is a constant of your own, which can not be read without running PHP
//>    49 |     'id' => MY_OPERATION,
//>       |             ^^^^^^^^^^^^
//> code.php:51:25: error M006: this is a variable, which can not be read without running PHP
//>    51 |         'eventClass' => $class,
//>       |                         ^^^^^^
//> code.php:52:24: error M006: this is a text in double quotes with a variable in it: use single quotes
//>    52 |         'eventName' => "Login of $user",
//>       |                        ^^^^^^^^^^^^^^^^
//> code.php:53:23: error M006: this is a function call, which can not be read without running PHP
//>    53 |         'severity' => getSeverity('login'),
//>       |                       ^^^^^^^^^^^^^^^^^^^^
//> code.php:55:24: error M006: this is a function, which can not be read without running PHP
//>    55 |             'suser' => function ($record) { return $record['user']; },
//>       |                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
//> code.php:56:28: error M006: this is a variable, which can not be read without running PHP
//>    56 |             'cs1' => 'a' . $b,
//>       |                            ^^
//> code.php:58:22: error M006: this is a calculation, which can not be read without running PHP
//>    58 |             'cn1' => 60 * 60,
//>       |                      ^^^^^^^
//> code.php:59:27: error M006: this is a variable of a class, which can not be read without running PHP
//>    59 |             'cn1Label' => Labels::$first,
//>       |                           ^^^^^^^^^^^^^^
//> code.php:60:24: error M006: this is a command of the system, which can not be read without running PHP
//>    60 |             'shost' => `hostname`,
//>       |                        ^^^^^^^^^^
//> code.php:61:22: error M006: this is a condition, which can not be read without running PHP
//>    61 |             'cs2' => $wide ? '$request' : '$notes',
//>       |                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
//> code.php:62:38: error M006: this is a class's constant, which can not be read without running PHP
//>    62 |             'cs2Label' => 'Level ' . SysAlert::SYSALERT_LEVEL_MELTDOWN,
//>       |                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
//> code.php:66:1: error M006: a loop is no mapping: write $mappings[] = [...]
//>    66 | foreach ($operations as $id) {
//>       | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
//> code.php:69:8: error M006: a function call is no mapping: write $mappings[] = [...]
//>    69 | return array_merge($mappings, $more);
//>       |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
require 'common.php';
$severity = 5;
$mappings[] = [
    'id' => MY_OPERATION,
    'map' => [
        'eventClass' => $class,
        'eventName' => "Login of $user",
        'severity' => getSeverity('login'),
        'extension' => [
            'suser' => function ($record) { return $record['user']; },
            'cs1' => 'a' . $b,
            'cs1Label' => 'What ' . 'it is',
            'cn1' => 60 * 60,
            'cn1Label' => Labels::$first,
            'shost' => `hostname`,
            'cs2' => $wide ? '$request' : '$notes',
            'cs2Label' => 'Level ' . SysAlert::SYSALERT_LEVEL_MELTDOWN,
        ]
    ]
];
foreach ($operations as $id) {
    $mappings[] = ['id' => $id, 'map' => []];
}
return array_merge($mappings, $more);
