/* udp_echo PORT WORD: answers every datagram with WORD. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int main(int count, char** words) {
    if (count != 3) return 2;
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(words[1]))};
    const int server = socket(AF_INET, SOCK_DGRAM, 0);
    if (server < 0 || bind(server, (struct sockaddr*)&here, sizeof here) != 0) return 1;
    for (;;) {
        char asked[2048];
        struct sockaddr_in client;
        socklen_t size = sizeof client;
        if (recvfrom(server, asked, sizeof asked, 0, (struct sockaddr*)&client, &size) < 0) continue;
        sendto(server, words[2], strlen(words[2]), 0, (struct sockaddr*)&client, size);
    }
}
